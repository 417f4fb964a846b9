using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>A digest over all layers of a ledger: equal ledgers have equal digests.</summary>
static class LedgerDigest
{
    /// <summary>Returns the SHA-256 digest in hexadecimal digits.</summary>
    public static string Of(LedgerPart part)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            foreach (var run in part.Runs) Write(writer, run);
            foreach (var job in part.Jobs)
            {
                Write(writer, [job.Job.Id.Value, job.Number, job.Version, job.Ended, job.Next, job.LastFireTime, job.Running,
                    job.Paused?.At, job.Job.Trigger?.ToString()]);
            }

            foreach (var entry in part.Entries)
            {
                Write(writer, [entry.Job.Value, entry.First, entry.Last, entry.Reason, entry.Cause, entry.Change]);
            }

            foreach (var action in part.Actions)
            {
                Write(writer, [action.Number, action.At, action.Kind, action.Job?.Value, action.Change, action.Version,
                    action.From, action.To, action.By, action.Why, action.Until]);
            }

            foreach (var definition in part.Definitions)
            {
                Write(writer, [definition.Job.Id.Value, definition.Job.Trigger?.ToString(),
                    definition.Version, definition.From, definition.To]);
            }

            foreach (var pause in part.Pauses) Write(writer, [pause.Scope, pause.Name, pause.Pause.At, pause.Pause.Until, pause.Ended]);
            foreach (var epoch in part.Epochs)
            {
                Write(writer, [epoch.Number, epoch.Node.Id, epoch.Node.Pid, epoch.Begun, epoch.WithLock, epoch.Heartbeat,
                    epoch.Claims, epoch.LastSign, epoch.Ended, epoch.How, epoch.EndedBy, epoch.DrainUntil]);
            }

            foreach (var mark in part.Marks) Write(writer, [mark.Kind, mark.From, mark.To, mark.Epoch]);
        }

        return Convert.ToHexString(hash.Hash!);
    }

    static void Write(BinaryWriter writer, object?[] row) => writer.Write(JsonSerializer.Serialize(row));

    // By hand, because a year has two million runs.
    static void Write(BinaryWriter writer, Run run)
    {
        writer.Write(run.Id.FireTime);
        writer.Write(run.Id.Job);
        writer.Write(run.Id.Number);
        writer.Write(run.FireTime.UtcTicks);
        writer.Write((int)run.State);
        writer.Write(run.Attempt);
        writer.Write(run.ClaimedAt?.UtcTicks ?? 0);
        writer.Write(run.StartedAt?.UtcTicks ?? 0);
        writer.Write(run.FinishedAt?.UtcTicks ?? 0);
        writer.Write((int)(run.Outcome ?? 0));
        writer.Write((int)(run.Reason ?? 0));
        writer.Write(run.Error ?? "");
        writer.Write(run.Node ?? "");
        writer.Write(run.Epoch ?? 0);
        writer.Write(run.Token ?? 0);
        writer.Write(run.Attempts.Count);
    }
}
