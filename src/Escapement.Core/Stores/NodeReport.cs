using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>A node as <c>/nodes</c> shows it.</summary>
/// <param name="Id">Unique over all processes and all time.</param>
/// <param name="Pid">The process id.</param>
/// <param name="Host">The host's name.</param>
/// <param name="Role"><c>active</c>, <c>standby</c>, <c>draining</c> or <c>refused</c>.</param>
/// <param name="Reason">Why it does not schedule; null when it does.</param>
/// <param name="Sentence">The same in one sentence.</param>
/// <param name="Epoch">Its epoch while it is active, or that with which it drains.</param>
/// <param name="StartedAt">When its scheduler started.</param>
/// <param name="LastSeen">When it gave this answer.</param>
/// <param name="Url">Where it answers itself, if it has such an address.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Scope">How far <i>once</i> reaches.</param>
public sealed record NodeReport(
    string Id, int Pid, string Host, string Role, Reason? Reason, string Sentence, long? Epoch, DateTimeOffset StartedAt, DateTimeOffset LastSeen,
    string? Url, string Version, string Scope);
