using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>
/// Finds JSON texts with half a surrogate pair. The parser accepts such a text, and reading it throws.
/// </summary>
public static class JsonTexts
{
    /// <summary>Returns true if all texts and names in a JSON value can be read.</summary>
    public static bool AreWhole(JsonElement value)
    {
        Stack<JsonElement> left = new([value]);
        try
        {
            while (left.TryPop(out var element))
            {
                if (element.ValueKind == JsonValueKind.String)
                {
                    element.GetString();
                }
                else if (element.ValueKind == JsonValueKind.Array)
                {
                    foreach (var item in element.EnumerateArray()) left.Push(item);
                }
                else if (element.ValueKind == JsonValueKind.Object)
                {
                    foreach (var property in element.EnumerateObject())
                    {
                        _ = property.Name;
                        left.Push(property.Value);
                    }
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
