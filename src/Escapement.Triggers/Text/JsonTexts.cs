using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Whether all texts of a JSON value can be read. The parser lets half a surrogate pair pass, which fails only where it is read.</summary>
static class JsonTexts
{
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
