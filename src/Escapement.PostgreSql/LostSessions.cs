using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Ends the sessions of a lost node that hold locks of this store.</summary>
static class LostSessions
{
    static readonly Sql End = new($"""
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = any(
                select '{SessionPool.Prefix}' || right(node, {SessionPool.MaxNode}) from esc.epoch where number = any($1))
            and pid <> pg_backend_pid() and usename = current_user
            and pid in (select lock.pid from pg_locks lock join pg_class locked on locked.oid = lock.relation
                where locked.relnamespace = (select relnamespace from pg_class where oid = 'esc.epoch'::regclass))
        """);

    /// <summary>Ends the sessions of the nodes whose epochs a change ends. Their open transactions are rolled back.</summary>
    public static async Task<bool> EndAsync(Session db, EpochChange change)
    {
        await db.CallAsync(End, change.Ends.Select(end => end.Seen.Number).ToArray());
        return true;
    }
}
