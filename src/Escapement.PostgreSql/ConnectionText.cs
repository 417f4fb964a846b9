using System.Globalization;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Reads the connection of a store: a connection string of Npgsql, or an address such as
/// <c>postgresql://user:password@host:5432/database?sslmode=require</c>. No message contains a password.</summary>
static class ConnectionText
{
    /// <summary>True for an address.</summary>
    public static bool IsAddress(string text) =>
        text.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && text.Contains("://", StringComparison.Ordinal);

    /// <summary>True for a connection string.</summary>
    public static bool IsConnectionString(string text) => text.Contains('=', StringComparison.Ordinal) && !IsAddress(text);

    /// <exception cref="FormatException">The text is neither.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        try
        {
            return IsAddress(text) ? ReadAddress(text) : new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or KeyNotFoundException
            or InvalidCastException)
        {
            // The messages of the driver may show a value.
            throw new FormatException(
                $"The connection of the store cannot be read: {Reason(e)} A connection string such as Host=db;Database=shop;Username=shop;Password=... or an address such as postgresql://shop:...@db:5432/shop is allowed.");
        }
    }

    static string Reason(Exception e) => e switch
    {
        ArgumentException { ParamName: { Length: > 0 } key } => $"the key '{key}' is not known, or its value is not of its kind.",
        FormatException when e.Message.StartsWith("the ", StringComparison.Ordinal) => e.Message,
        _ => "it is not of the form Key=Value;Key=Value, or a value is not of its kind.",
    };

    static NpgsqlConnectionStringBuilder ReadAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
            throw new FormatException("the address has no host, or is not an address. Write reserved characters of a password as %XX.");
        var user = address.UserInfo.Split(':', 2);
        NpgsqlConnectionStringBuilder settings = new() { Host = Uri.UnescapeDataString(address.Host) };
        if (address.Port > 0) settings.Port = address.Port;
        if (user[0].Length > 0) settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) settings.Password = Uri.UnescapeDataString(user[1]);
        if (address.AbsolutePath.Trim('/') is { Length: > 0 } database) settings.Database = Uri.UnescapeDataString(database);
        foreach (var part in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2);
            var (name, value) = (pair[0], Uri.UnescapeDataString(pair.Length > 1 ? pair[1] : ""));
            settings[KeyOf(name)] = name == "connect_timeout" ? int.Parse(value, CultureInfo.InvariantCulture)
                : name is "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return settings;
    }

    /// <summary>Returns the driver's key for a parameter of libpq.</summary>
    static string KeyOf(string name) => name switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "connect_timeout" => "Timeout",
        "target_session_attrs" => "Target Session Attributes",
        "channel_binding" => "Channel Binding",
        "application_name" => "Application Name",
        "options" => "Options",
        _ => name,
    };
}
