using System.Text.Json;

namespace Escapement.Hosting;

/// <summary>A job declared or overridden in the settings: option names and JSON values, read when the time zone and the
/// handlers are known.</summary>
/// <param name="Key">The configuration key, for messages.</param>
/// <param name="Fields">Option and trigger fields by name, in REST's spelling.</param>
sealed record JobSettings(string Key, IReadOnlyDictionary<string, JsonElement> Fields);
