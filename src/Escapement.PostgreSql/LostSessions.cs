using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Ends the sessions of a lost node, which may hold locks.</summary>
static class LostSessions
{
    static readonly Sql End = new("""
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = any(select left('escapement ' || node, 63) from esc.epoch where number = any($1))
            and pid <> pg_backend_pid() and usename = current_user
        """);

    /// <summary>Ends the sessions of the nodes whose epochs a change ends. Their open transactions are rolled back.</summary>
    public static async Task<bool> EndAsync(Session db, EpochChange change)
    {
        await db.CallAsync(End, change.Ends.Select(end => end.Seen.Number).ToArray());
        return true;
    }
}
