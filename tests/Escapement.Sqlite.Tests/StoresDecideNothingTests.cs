using System.Reflection;
using System.Reflection.Emit;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite.Tests;

/// <summary>A store reads rows, hands them to a plan and writes what the plan says. Read from the compiled assemblies.</summary>
public sealed class StoresDecideNothingTests
{
    const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    static readonly Type[] OfRulesAlone = [typeof(Decide), typeof(Decision), typeof(Jitter), typeof(ClaimContext), typeof(Skipped)];

    static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    static IEnumerable<Type> StoreTypes() =>
        typeof(MemoryStore).Assembly.GetTypes().Where(type => type.Namespace == "Escapement.Stores")
            .Concat(typeof(SqliteStore).Assembly.GetTypes().Where(type => type.Namespace == "Escapement.Sqlite"));

    [Fact]
    public void No_type_of_a_store_refers_to_what_only_plans_ask()
    {
        var wrong = StoreTypes().SelectMany(type =>
            Named(type).Where(named => OfRulesAlone.Contains(named)).Select(named => $"{type.FullName} names {named.Name}")).Distinct();
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_reader_of_the_assemblies_finds_what_a_plan_names() =>
        Assert.Contains(typeof(Decide), Named(typeof(ClaimPlan)));

    [Fact]
    public void The_waist_has_twelve_methods_and_three_properties()
    {
        var members = typeof(IJobStore).GetInterfaces().Where(type => type.Namespace == typeof(IJobStore).Namespace)
            .Append(typeof(IJobStore)).ToList();
        Assert.Equal(12, members.Sum(type => type.GetMethods().Count(method => !method.IsSpecialName)));
        Assert.Equal(3, members.Sum(type => type.GetProperties().Length));
    }

    /// <summary>Returns the types that the members and method bodies of a type name.</summary>
    static IEnumerable<Type> Named(Type type)
    {
        foreach (var field in type.GetFields(All)) yield return field.FieldType;
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            foreach (var parameter in method.GetParameters()) yield return Bare(parameter.ParameterType);
            if (method is MethodInfo { ReturnType: var returned }) yield return Bare(returned);
            if (method.GetMethodBody() is not { } body) continue;
            foreach (var local in body.LocalVariables) yield return Bare(local.LocalType);
            foreach (var member in Members(method, body.GetILAsByteArray()!))
                if ((member as Type ?? member.DeclaringType) is { } named) yield return Bare(named);
        }
    }

    static Type Bare(Type type) => type.IsByRef ? type.GetElementType()! : type;

    /// <summary>Returns what the instructions of a method refer to.</summary>
    static IEnumerable<MemberInfo> Members(MethodBase method, byte[] il)
    {
        var (ofType, ofMethod) = (method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : []);
        for (var at = 0; at < il.Length;)
        {
            var value = il[at] == 0xFE ? (short)(0xFE00 | il[at + 1]) : il[at];
            at += il[at] == 0xFE ? 2 : 1;
            var operand = Codes[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok
                && method.Module.ResolveMember(BitConverter.ToInt32(il, at), ofType, ofMethod) is { } member)
            {
                yield return member;
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
                _ => 4,
            };
        }
    }
}
