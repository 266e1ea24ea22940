//! The door for CRMs, through the real listener of the running program: what each request is answered, what is counted
//! of it, and who is told of what can't be understood.

mod answers;
mod counting;
mod dead;
mod knock;
mod sales;
