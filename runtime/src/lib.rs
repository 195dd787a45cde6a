//! What the five Lambda functions are made of: they read the same model that their infrastructure is generated
//! from, so a variable that the template does not set cannot be asked for here.

mod settings;

pub use settings::settings;
