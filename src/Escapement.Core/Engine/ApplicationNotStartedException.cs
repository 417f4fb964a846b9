namespace Escapement.Engine;

/// <summary>Thrown by the claims of a process whose application has not started within a lease. The process leaves the epoch
/// to another process.</summary>
sealed class ApplicationNotStartedException() : Exception("The application has not started.");
