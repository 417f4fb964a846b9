using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>Replaces or leaves out the values of entries, actions and marks that no process writes, and collects these values
/// for the audit.</summary>
static class LedgerChecks
{
    /// <summary>Returns the last fire time and the reason of an entry, or null for an entry without a known reason, which explains
    /// nothing. An entry whose end is unknown has its beginning alone.</summary>
    /// <param name="job">The job.</param>
    /// <param name="row">The number of the job, and the first and the last fire time in microseconds since 1970-01-01 UTC.</param>
    /// <param name="reason">The number of the reason.</param>
    /// <param name="checks">Collects the values.</param>
    public static (long Last, Reason Reason)? Entry(JobId job, (long Job, long First, long Last) row, long reason, RowChecks checks)
    {
        RowPlace place = new("entry.last", $"job {row.Job}, first {row.First}", job);
        var last = checks.Instant(row.Last, place, Math.Min(row.First, checks.Present), checks.Present, row.First) ?? row.First;
        return checks.Known<Reason>(reason, place with { Column = "entry.reason" }, row.First) is { } known ? (last, known) : null;
    }

    /// <summary>Returns an action with a known kind. Without both watermarks, an action covers no fire time, and a definition
    /// that cannot be read has no fields.</summary>
    /// <param name="action">The action as stored.</param>
    /// <param name="row">The values of its row.</param>
    /// <param name="span">The span of the answer in microseconds since 1970-01-01 UTC, outside of which no definition is
    /// collected.</param>
    /// <param name="checks">Collects the values.</param>
    public static JobAction Action(JobAction action, in ActionValues row, (long From, long To) span, RowChecks checks)
    {
        RowPlace place = new("action.at", $"number {action.Number}", action.Job);
        var at = row.At;
        var kind = checks.Known<ActionKind>(row.Kind, place with { Column = "action.kind" }, at) ?? ActionKind.Changed;
        checks.Instant(at, place, RowChecks.Least, checks.Present);
        var isCovering = IsWatermark("action.moved_from", row.From) && IsWatermark("action.moved_to", row.To);
        return action with
        {
            Kind = kind,
            From = isCovering ? action.From : null,
            To = isCovering ? action.To : null,
            Before = Fields("action.definition_before", action.Before),
            After = Fields("action.definition_after", action.After),
        };

        bool IsWatermark(string column, long? value) => value is null
            || checks.Instant(value, place with { Column = column }, RowChecks.Least, RowChecks.Most, at) is not null;

        string? Fields(string column, string? text)
        {
            if (text is null || RowChecks.IsObject(text)) return text;
            if (at >= span.From && at < span.To) checks.Add(place with { Column = column }, text, "null, {…}", at);
            return "{}";
        }
    }

    /// <summary>Returns a mark, or null for a mark of an unknown kind, or whose instants no process writes.</summary>
    /// <param name="row">The number of the mark and of its kind, and its instants in microseconds since 1970-01-01 UTC.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="checks">Collects the values.</param>
    public static LedgerMark? Mark((long Number, long Kind, long From, long To) row, long epoch, RowChecks checks)
    {
        RowPlace place = new("mark.from_at", $"number {row.Number}");
        if (checks.Known<MarkKind>(row.Kind, place with { Column = "mark.kind" }, row.From) is not { } kind
            || checks.Instant(row.From, place, RowChecks.Least, RowChecks.Most) is null)
        {
            return null;
        }

        // The clock may have been set back during an outage.
        var least = kind == MarkKind.ClockJump || checks.IsOrdered(row.From, row.To) ? RowChecks.Least : row.From;
        return checks.Instant(row.To, place with { Column = "mark.to_at" }, least, RowChecks.Most, row.From) is null
            ? null
            : new() { Kind = kind, From = Instant.FromMicros(row.From), To = Instant.FromMicros(row.To), Epoch = epoch };
    }
}

/// <summary>The values of the row of an action that can be checked.</summary>
/// <param name="At">The instant of the action in microseconds since 1970-01-01 UTC.</param>
/// <param name="Kind">The number of the kind.</param>
/// <param name="From">The watermark before in microseconds since 1970-01-01 UTC, or null.</param>
/// <param name="To">The watermark after in microseconds since 1970-01-01 UTC, or null.</param>
readonly record struct ActionValues(long At, long Kind, long? From, long? To);
