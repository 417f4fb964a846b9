namespace Escapement.Architecture.Tests.Graph;

/// <summary>The name of a type of any assembly, with <c>+</c> between a type and a nested type.</summary>
/// <param name="Assembly">The simple name of the assembly.</param>
/// <param name="Name">For example <c>Escapement.Engine.NodeState+Active</c>.</param>
sealed record TypeName(string Assembly, string Name)
{
    public string Namespace => Name.LastIndexOf('.') is var dot and > 0 ? Name[..dot] : "";

    public override string ToString() => Name;
}

/// <summary>A type of an assembly with the facts that the rules ask for.</summary>
sealed record CodeType
{
    public required TypeName Name { get; init; }

    /// <summary>The source files of the type, relative to the project.</summary>
    /// <remarks>A type of the compiler has the files of its outer type, or no files.</remarks>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>True if a person wrote the type: the type has a source file, or no known origin at all.</summary>
    public required bool IsWritten { get; init; }

    public required bool IsPublic { get; init; }

    public required bool IsInterface { get; init; }

    /// <summary>The interfaces that the type implements, inherited interfaces included.</summary>
    public required IReadOnlyList<TypeName> Interfaces { get; init; }

    /// <summary>The number of parameters of the longest constructor.</summary>
    public required int ConstructorParameters { get; init; }

    /// <summary>The names of the methods, without accessors, operators and constructors.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    public required IReadOnlyList<string> Properties { get; init; }

    /// <summary>The file that is named for the type, or the first of its files.</summary>
    public string? File =>
        Files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == Short) ?? (Files is [var first, ..] ? first : null);

    string Short => Name.Name[(Name.Namespace.Length is var length and > 0 ? length + 1 : 0)..].Split('+', '`')[0];

    public override string ToString() => Name.Name;
}

/// <summary>A type that a source file names.</summary>
/// <param name="File">The file, relative to the project.</param>
/// <param name="From">The type in the file that names the other type.</param>
/// <param name="To">The named type, of any assembly.</param>
/// <param name="ToFile">The file of the named type if both types belong to the same assembly.</param>
sealed record Reference(string File, TypeName From, TypeName To, string? ToFile);
