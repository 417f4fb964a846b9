using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Escapement.Architecture.Tests.Graph;

/// <summary>Collects the types that signatures, tokens and attributes name.</summary>
sealed class TypeDecoder(MetadataReader metadata, string assembly)
    : ISignatureTypeProvider<TypeName, object?>, ICustomAttributeTypeProvider<TypeName>
{
    HashSet<TypeName> found = [];

    /// <summary>Returns the types found since the last call.</summary>
    public IReadOnlyCollection<TypeName> Take()
    {
        var taken = found;
        found = [];
        return taken;
    }

    public TypeName NameOf(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } outer)
        {
            return new(assembly, $"{NameOf(outer).Name}+{name}");
        }

        return new(assembly, Joined(type.Namespace, name));
    }

    TypeName NameOf(TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        switch (type.ResolutionScope.Kind)
        {
            case HandleKind.TypeReference:
                var outer = NameOf((TypeReferenceHandle)type.ResolutionScope);
                return outer with { Name = $"{outer.Name}+{name}" };
            case HandleKind.AssemblyReference:
                var reference = metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
                return new(metadata.GetString(reference.Name), Joined(type.Namespace, name));
            default:
                return new(assembly, Joined(type.Namespace, name));
        }
    }

    string Joined(StringHandle space, string name) => space.IsNil ? name : $"{metadata.GetString(space)}.{name}";

    /// <summary>Adds the types of a token: a type, or the type of a member, with type arguments.</summary>
    public void Add(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                found.Add(NameOf((TypeDefinitionHandle)handle));
                break;
            case HandleKind.TypeReference:
                found.Add(NameOf((TypeReferenceHandle)handle));
                break;
            case HandleKind.TypeSpecification:
                metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
            case HandleKind.MethodDefinition:
                Add(metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.FieldDefinition:
                Add(metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MemberReference:
                Add(metadata.GetMemberReference((MemberReferenceHandle)handle).Parent);
                break;
            case HandleKind.MethodSpecification:
                var method = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(method.Method);
                method.DecodeSignature(this, null);
                break;
            case HandleKind.StandaloneSignature:
                var signature = metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle);
                if (signature.GetKind() == StandaloneSignatureKind.LocalVariables)
                {
                    signature.DecodeLocalSignature(this, null);
                }
                else
                {
                    signature.DecodeMethodSignature(this, null);
                }

                break;
        }
    }

    /// <summary>Adds the types of attributes and the types in their arguments.</summary>
    public void Add(CustomAttributeHandleCollection attributes)
    {
        foreach (var handle in attributes)
        {
            var attribute = metadata.GetCustomAttribute(handle);
            Add(attribute.Constructor);
            attribute.DecodeValue(this);
        }
    }

    public TypeName GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Found(NameOf(handle));

    public TypeName GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Found(NameOf(handle));

    public TypeName GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    // A name as "Space.Type, Assembly, Version=1.0.0.0", or without an assembly if the type is of the same one.
    public TypeName GetTypeFromSerializedName(string name)
    {
        var parts = name.Split(", ");
        return Found(new(parts.Length > 1 ? parts[1] : assembly, parts[0]));
    }

    TypeName Found(TypeName name)
    {
        found.Add(name);
        return name;
    }

    public TypeName GetPrimitiveType(PrimitiveTypeCode typeCode) => new("System.Runtime", $"System.{typeCode}");

    public TypeName GetSystemType() => new("System.Runtime", "System.Type");

    public bool IsSystemType(TypeName type) => type.Name == "System.Type";

    public PrimitiveTypeCode GetUnderlyingEnumType(TypeName type) => PrimitiveTypeCode.Int32;

    public TypeName GetArrayType(TypeName elementType, ArrayShape shape) => elementType;

    public TypeName GetSZArrayType(TypeName elementType) => elementType;

    public TypeName GetByReferenceType(TypeName elementType) => elementType;

    public TypeName GetPointerType(TypeName elementType) => elementType;

    public TypeName GetPinnedType(TypeName elementType) => elementType;

    public TypeName GetModifiedType(TypeName modifier, TypeName unmodifiedType, bool isRequired) => unmodifiedType;

    public TypeName GetGenericInstantiation(TypeName genericType, ImmutableArray<TypeName> typeArguments) => genericType;

    public TypeName GetFunctionPointerType(MethodSignature<TypeName> signature) => GetPrimitiveType(PrimitiveTypeCode.IntPtr);

    public TypeName GetGenericMethodParameter(object? genericContext, int index) => GetPrimitiveType(PrimitiveTypeCode.Object);

    public TypeName GetGenericTypeParameter(object? genericContext, int index) => GetPrimitiveType(PrimitiveTypeCode.Object);
}
