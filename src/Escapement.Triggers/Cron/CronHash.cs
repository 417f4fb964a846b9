namespace Escapement.Triggers;

/// <summary>Computes the value that <c>H</c> takes from the id of a job.</summary>
static class CronHash
{
    /// <summary>Returns a hash of the id and the field, the same in each process and version.</summary>
    /// <remarks>FNV-1a with a final mixing step, because string.GetHashCode differs between processes.</remarks>
    public static ulong Of(string jobId, CronField field)
    {
        unchecked
        {
            var hash = 14_695_981_039_346_656_037UL;
            foreach (var c in jobId + "\n" + field.Name) hash = (hash ^ c) * 1_099_511_628_211UL;
            hash = (hash ^ (hash >> 33)) * 0xFF51_AFD7_ED55_8CCDUL;
            return hash ^ (hash >> 33);
        }
    }
}
