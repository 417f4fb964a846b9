namespace Escapement.Jobs;

/// <summary>The names of types in messages.</summary>
static class TypeName
{
    /// <summary>Returns a name as written in C#, without the namespace.</summary>
    public static string Of(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Of(inner) + "?"
        : !type.IsGenericType ? type.Name
        : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";

    /// <summary>Returns a name with its indefinite article: <c>an IReports</c>, <c>a Mailer</c>.</summary>
    public static string WithArticle(Type type) => $"{("AEIOU".Contains(type.Name[0]) ? "an" : "a")} {Of(type)}";
}
