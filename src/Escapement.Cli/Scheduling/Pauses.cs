using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>Finds the pause that holds a job in a list of pauses.</summary>
static class Pauses
{
    /// <summary>Returns the pause of a scope, or an undefined element.</summary>
    public static JsonElement Of(JsonElement pauses, string scope, string? name = null) => pauses.Items()
        .FirstOrDefault(pause => pause.Text("scope") == scope && (name is null || pause.Text("name") == name));

    /// <summary>Returns the pause that holds a job: its own, of a tag or of its executor, and otherwise the pause of everything.
    /// Returns an undefined element if there is none.</summary>
    public static JsonElement Holding(JsonElement pauses, JsonElement job)
    {
        var executor = job.Text("executor") is { Length: > 0 } named ? named : "default";
        return ((IEnumerable<JsonElement>)[Of(pauses, "job", job.Text("id")),
                .. job.Items("tags").Select(tag => Of(pauses, "tag", tag.ToString())), Of(pauses, "executor", executor), Of(pauses, "all")])
            .FirstOrDefault(pause => pause.ValueKind == JsonValueKind.Object);
    }

    /// <summary>Says the pause of everything to standard error, if there is a pause.</summary>
    public static void SayAll(JsonElement pauses)
    {
        if (Of(pauses, "all") is { ValueKind: JsonValueKind.Object } all) StandardError.Say($"Nothing fires: {all.Text("sentence")}.");
    }
}
