using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>The path under which the API is served.</summary>
static class ApiPath
{
    public const string Allowed =
        "a path such as /scheduler is allowed, of letters, digits and - . _ ~ / in parts that are not empty; / is the root";

    /// <summary>Returns the path with a leading slash and no trailing slash. Empty for the root.</summary>
    /// <exception cref="FormatException">The text is not a valid path.</exception>
    public static string Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) && text is not "") throw new FormatException($"ApiPrefix is empty; {Allowed}.");
        var path = text.Trim().Trim('/');
        if (path is "") return "";
        var parts = path.Split('/');
        return parts.All(part =>
            part is not ("" or "." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~'))
            ? "/" + path
            : throw new FormatException($"ApiPrefix is '{Printable.Shown(text)}'; {Allowed}.");
    }
}
