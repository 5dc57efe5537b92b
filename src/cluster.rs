//! The live source: a cluster behind a kubeconfig context. The only user of `kube`.
//!
//! Only get, list and watch leave this module. [`connect()`] makes a [`Connection`], [`read()`]
//! captures one inventory, [`Live`] keeps it up to date.

mod again;
mod api_resource;
mod caution;
mod configz;
pub mod connect;
mod credentials;
mod discovery;
pub mod error;
mod exec;
mod flagz;
mod format;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod health;
mod inbox;
mod keeper;
mod keepers;
pub mod kubeconfig;
mod last_heard;
mod limits;
mod list;
pub mod live;
pub mod liveness;
mod managed;
mod names;
mod narrow;
mod needs;
mod owner;
mod pace;
mod page;
pub mod pod;
mod protobuf;
mod proxy;
mod pulse;
mod read;
mod request;
mod retry;
mod sent;
mod several;
mod side;
mod sleep_detector;
mod store;
mod told_objects;
mod watch;

pub use connect::{ConnectOptions, Connection, Prepared, connect, prepare};
pub use error::{Trouble, UserError};
pub use exec::end_plugins;
pub use kubeconfig::{ContextInfo, Contexts, contexts};
pub use live::{Live, LiveEvent, Progress, read};
pub use liveness::Liveness;
pub use managed::managed;
pub use needs::{Left, Right, Rights, WhyLeft, discovered, presumed};
pub use pod::Pod;
pub use read::{ReadRequest, reach};
