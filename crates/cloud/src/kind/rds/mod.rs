//! The kinds of RDS.

mod db_instance;
mod db_subnet_group;
