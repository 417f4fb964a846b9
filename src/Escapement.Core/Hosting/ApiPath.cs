using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>The path under which the API is served.</summary>
static class ApiPath
{
    public const string Allowed =
        "a path such as /scheduler is allowed, of letters, digits and - . _ ~ / in parts that are not empty; / is the root";

    /// <summary>The path with a slash in front and none at its end; empty for the root.</summary>
    /// <exception cref="FormatException">It is no path.</exception>
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
