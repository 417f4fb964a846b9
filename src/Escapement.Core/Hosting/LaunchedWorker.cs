namespace Escapement.Hosting;

/// <summary>A service that marks a process whose launcher has already logged the warnings that concern all
/// workers.</summary>
public sealed class LaunchedWorker;
