using Escapement.Leadership;

namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore : ILifeLockStore
{
    /// <inheritdoc/>
    public ILifeLocks OpenLifeLocks(string node)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        return new PostgreSqlLifeLocks(
            cancellationToken => sessions.OpenAsync(node, cancellationToken), () => application is not null,
            $"{options.Schema}/{node}", options.Lease, clock, log).Start();
    }
}
