using Escapement.Leadership;

namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore : ILifeLockStore
{
    /// <inheritdoc/>
    public ILifeLocks OpenLifeLocks(string node)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        return new PostgreSqlLifeLocks(sessions, () => application is not null, node, options.Lease, clock, log).Start();
    }
}
