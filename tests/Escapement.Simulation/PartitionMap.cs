using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Escapement.Jobs;

namespace Escapement.Simulation;

/// <summary>The partition of a job, and the nodes of a partition. Both follow from hashes, so that no table is read.</summary>
static class PartitionMap
{
    /// <summary>Returns the partition of a job, from 0.</summary>
    public static int Of(JobId job, int partitions) => (int)(Hash(job.Value) % (ulong)partitions);

    /// <summary>Returns the nodes that serve a partition: those with the highest hashes of node and partition. With another number of
    /// nodes, most partitions keep their nodes.</summary>
    public static IReadOnlyList<int> NodesOf(int partition, int nodes, int servers) =>
        [.. Enumerable.Range(0, nodes).OrderByDescending(node => Hash(string.Create(CultureInfo.InvariantCulture, $"{node}/{partition}")))
            .Take(servers).Order()];

    static ulong Hash(string text) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
