using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Escapement.Architecture.Tests.Graph;

/// <summary>Reads an <see cref="AssemblyGraph"/> from an assembly and its portable PDB.</summary>
sealed class AssemblyReader : IDisposable
{
    // The PDB names with this kind of record the documents of a type without any method body, such as an interface or an enum.
    static readonly Guid TypeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    readonly string project;
    readonly PEReader file;
    readonly MetadataReader metadata;
    readonly MetadataReaderProvider symbolFile;
    readonly MetadataReader symbols;
    readonly string name;
    readonly TypeDecoder decoder;
    readonly Dictionary<TypeDefinitionHandle, IReadOnlyList<string>> documents = [];
    readonly Dictionary<TypeName, CodeType> types = [];
    readonly HashSet<Reference> references = [];

    public AssemblyReader(string project, Stream assembly, Stream symbols)
    {
        this.project = project;
        file = new PEReader(assembly);
        metadata = file.GetMetadataReader();
        symbolFile = MetadataReaderProvider.FromPortablePdbStream(symbols);
        this.symbols = symbolFile.GetMetadataReader();
        name = metadata.GetString(metadata.GetAssemblyDefinition().Name);
        decoder = new(metadata, name);
    }

    public void Dispose()
    {
        symbolFile.Dispose();
        file.Dispose();
    }

    public AssemblyGraph Read()
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            documents[handle] = [.. DocumentsOf(handle).Select(PathOf).Distinct()];
        }

        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = TypeOf(handle);
            types.Add(type.Name, type);
        }

        foreach (var handle in metadata.TypeDefinitions)
        {
            AddReferences(handle);
        }

        return new()
        {
            Project = project,
            Name = name,
            Types = [.. types.Values],
            References = [.. references],
            Assemblies = [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))],
            Friends = [.. Friends()],
        };
    }

    IEnumerable<string> Friends()
    {
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            decoder.Take();
            decoder.Add(attribute.Constructor);
            if (decoder.Take().Any(type => type.Name == "System.Runtime.CompilerServices.InternalsVisibleToAttribute"))
            {
                yield return ((string)attribute.DecodeValue(decoder).FixedArguments[0].Value!).Split(',')[0];
            }
        }
    }

    IEnumerable<DocumentHandle> DocumentsOf(TypeDefinitionHandle handle)
    {
        var ofMethods = metadata.GetTypeDefinition(handle).GetMethods().SelectMany(DocumentsOf);
        // The only methods of an async type with lines of their own are in nested types of the compiler.
        var ofNested = metadata.GetTypeDefinition(handle).GetNestedTypes().SelectMany(DocumentsOf);
        var ofType = symbols.GetCustomDebugInformation(handle).Select(symbols.GetCustomDebugInformation)
            .Where(record => symbols.GetGuid(record.Kind) == TypeDocuments)
            .SelectMany(record => TypeDocumentsIn(symbols.GetBlobReader(record.Value)));
        return [.. ofMethods, .. ofNested, .. ofType];
    }

    IEnumerable<DocumentHandle> DocumentsOf(MethodDefinitionHandle handle)
    {
        var method = symbols.GetMethodDebugInformation(handle);
        return !method.Document.IsNil
            ? [method.Document]
            : method.GetSequencePoints().Select(point => point.Document).Where(document => !document.IsNil).Distinct();
    }

    static List<DocumentHandle> TypeDocumentsIn(BlobReader record)
    {
        List<DocumentHandle> documents = [];
        while (record.RemainingBytes > 0)
        {
            documents.Add(MetadataTokens.DocumentHandle(record.ReadCompressedInteger()));
        }

        return documents;
    }

    /// <summary>Returns the path of a document relative to its project.</summary>
    string PathOf(DocumentHandle handle)
    {
        var path = symbols.GetString(symbols.GetDocument(handle).Name).Replace('\\', '/');
        var folder = $"/src/{project}/";
        return path.LastIndexOf(folder, StringComparison.Ordinal) is var at and >= 0 ? path[(at + folder.Length)..] : path;
    }

    // A generator writes its files below obj, or gives them a path outside the project.
    bool IsSource(string path) => !path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith('/')
        && !path.Contains(':', StringComparison.Ordinal) && !path.EndsWith(".g.cs", StringComparison.Ordinal);

    CodeType TypeOf(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var typeName = decoder.NameOf(handle);
        var methods = type.GetMethods().Select(metadata.GetMethodDefinition).ToList();
        // A type without methods has the documents of the type around it.
        var holder = handle;
        while (documents[holder].Count == 0 && metadata.GetTypeDefinition(holder).GetDeclaringType() is { IsNil: false } outer)
        {
            holder = outer;
        }

        var files = documents[holder].Where(IsSource).Order(StringComparer.Ordinal).ToList();

        return new()
        {
            Name = typeName,
            Files = files,
            IsWritten = !typeName.Name.Contains('<', StringComparison.Ordinal) && !IsEmbedded(type)
                && (documents[holder].Count == 0 || files.Count > 0),
            IsPublic = (type.Attributes & TypeAttributes.VisibilityMask) is TypeAttributes.Public or TypeAttributes.NestedPublic,
            IsInterface = type.Attributes.HasFlag(TypeAttributes.Interface),
            Interfaces = [.. type.GetInterfaceImplementations().Select(one => NameOf(metadata.GetInterfaceImplementation(one).Interface))],
            ConstructorParameters = methods.Where(method => metadata.GetString(method.Name) == ".ctor")
                .Select(method => method.DecodeSignature(decoder, null).ParameterTypes.Length).DefaultIfEmpty().Max(),
            Methods = [.. methods.Where(method => !method.Attributes.HasFlag(MethodAttributes.SpecialName))
                .Select(method => metadata.GetString(method.Name))],
            Properties = [.. type.GetProperties().Select(one => metadata.GetString(metadata.GetPropertyDefinition(one).Name))],
        };
    }

    // The compiler adds attributes of its own to an assembly, each marked as embedded.
    bool IsEmbedded(TypeDefinition type)
    {
        decoder.Take();
        foreach (var handle in type.GetCustomAttributes())
        {
            decoder.Add(metadata.GetCustomAttribute(handle).Constructor);
        }

        return decoder.Take().Any(attribute => attribute.Name == "Microsoft.CodeAnalysis.EmbeddedAttribute");
    }

    TypeName NameOf(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeSpecification)
        {
            var specified = metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(decoder, null);
            decoder.Take();
            return specified;
        }

        decoder.Take();
        decoder.Add(handle);
        return decoder.Take().Single();
    }

    void AddReferences(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var from = types[decoder.NameOf(handle)];
        decoder.Take();
        decoder.Add(type.BaseType);
        decoder.Add(type.GetCustomAttributes());
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            decoder.Add(metadata.GetInterfaceImplementation(implemented).Interface);
        }

        AddConstraints(type.GetGenericParameters());
        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
        {
            field.DecodeSignature(decoder, null);
            decoder.Add(field.GetCustomAttributes());
        }

        foreach (var property in type.GetProperties().Select(metadata.GetPropertyDefinition))
        {
            decoder.Add(property.GetCustomAttributes());
        }

        foreach (var raised in type.GetEvents().Select(metadata.GetEventDefinition))
        {
            decoder.Add(raised.GetCustomAttributes());
        }

        Keep(from, from.File);
        foreach (var method in type.GetMethods())
        {
            AddMethod(metadata.GetMethodDefinition(method));
            // A partial type has methods in several files.
            Keep(from, DocumentsOf(method).Select(PathOf).FirstOrDefault(IsSource) ?? from.File);
        }
    }

    void AddMethod(MethodDefinition method)
    {
        method.DecodeSignature(decoder, null);
        decoder.Add(method.GetCustomAttributes());
        AddConstraints(method.GetGenericParameters());
        foreach (var parameter in method.GetParameters())
        {
            decoder.Add(metadata.GetParameter(parameter).GetCustomAttributes());
        }

        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = file.GetMethodBody(method.RelativeVirtualAddress);
        decoder.Add(body.LocalSignature);
        foreach (var region in body.ExceptionRegions)
        {
            decoder.Add(region.CatchType);
        }

        foreach (var token in InstructionTokens.Of(body))
        {
            decoder.Add(token);
        }
    }

    void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var parameter in parameters.Select(metadata.GetGenericParameter))
        {
            decoder.Add(parameter.GetCustomAttributes());
            foreach (var constraint in parameter.GetConstraints())
            {
                decoder.Add(metadata.GetGenericParameterConstraint(constraint).Type);
            }
        }
    }

    void Keep(CodeType from, string? inFile)
    {
        var found = decoder.Take();
        if (inFile is not null)
        {
            references.UnionWith(found.Select(to => new Reference(inFile, from.Name, to, types.GetValueOrDefault(to)?.File)));
        }
    }
}
