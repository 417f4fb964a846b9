using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Escapement.ReplayHost;

/// <summary>
/// A handler as described by a transcript: its parameters, its duration, and whether the handler throws.
/// </summary>
/// <param name="Name">The name.</param>
/// <param name="Parameters">The names of the parameters, or null for arbitrary arguments.</param>
/// <param name="Takes">The duration of a run.</param>
/// <param name="Throws">The message of the exception at the end of a run, or null if the handler does not
/// throw.</param>
public sealed partial record HandlerText(string Name, IReadOnlyList<string>? Parameters, TimeSpan Takes, string? Throws)
{
    const string Allowed =
        "such as \"any arguments\", \"no arguments\", \"one argument, x\", \"two arguments, a and b\", each also with \"that takes 200 ms\" or \"that throws TEXT\" behind it";

    static readonly string[] Numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    [GeneratedRegex(@"^(?<count>any|no|\w+) arguments?(?<names>,[^,].*?)?(?<takes> (?:that|and) takes (?<ms>\d+) ms)?(?<throws> (?:that|and) throws(?<text> .+)?)?$")]
    private static partial Regex Form();

    /// <summary>Reads a description.</summary>
    /// <exception cref="UsageException">The description is invalid.</exception>
    public static HandlerText Read(string name, JsonElement description)
    {
        var text = description.ValueKind == JsonValueKind.String ? description.GetString()! : "";
        if (Form().Match(text) is not { Success: true } match) throw Unreadable();
        string[] names = [.. match.Groups["names"].Value.Split([",", " and "],
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        var count = match.Groups["count"].Value;
        if (count == "any" ? names.Length > 0 : Array.IndexOf(Numbers, count) is var number
            && (number >= 0 ? number : int.TryParse(count, out var digits) ? digits : -1) != names.Length)
        {
            throw Unreadable();
        }

        var takes = match.Groups["ms"] is { Success: true, Value: var ms }
            ? TimeSpan.FromMilliseconds(int.Parse(ms, CultureInfo.InvariantCulture))
            : TimeSpan.Zero;
        var throws = match.Groups["throws"].Success ? match.Groups["text"] is { Success: true, Value: var said }
            ? said.Trim()
            : "it was told to throw" : null;
        return new(name, count == "any" ? null : names, takes, throws);

        UsageException Unreadable() => new($"The handler {name} is {description.GetRawText()}; a description is allowed, {Allowed}.");
    }

    /// <summary>Returns a delegate with this signature.</summary>
    public Delegate ToDelegate() => Parameters is null ? (JobArguments _) => RunAsync() : WithParameters(Parameters);

    async Task RunAsync()
    {
        if (Takes > TimeSpan.Zero) await Task.Delay(Takes, TimeProvider.System);
        if (Throws is not null) throw new InvalidOperationException(Throws);
    }

    /// <summary>
    /// Returns a method with named parameters.
    /// Arguments are matched by parameter name, so the names must exist at runtime.
    /// </summary>
    Delegate WithParameters(IReadOnlyList<string> names)
    {
        var types = Enumerable.Repeat(typeof(JsonElement), names.Count).ToArray();
        var type = AssemblyBuilder.DefineDynamicAssembly(new("Replayed"), AssemblyBuilderAccess.Run).DefineDynamicModule("Replayed")
            .DefineType("Handler", TypeAttributes.Public | TypeAttributes.Class);
        var run = type.DefineField("Run", typeof(Func<Task>), FieldAttributes.Public | FieldAttributes.Static);
        var method = type.DefineMethod("Handle", MethodAttributes.Public | MethodAttributes.Static, typeof(Task), types);
        for (var i = 0; i < names.Count; i++) method.DefineParameter(i + 1, ParameterAttributes.None, names[i]);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldsfld, run);
        code.Emit(OpCodes.Callvirt, typeof(Func<Task>).GetMethod("Invoke")!);
        code.Emit(OpCodes.Ret);
        var made = type.CreateType();
        made.GetField("Run")!.SetValue(null, (Func<Task>)RunAsync);
        return made.GetMethod("Handle")!.CreateDelegate(Expression.GetDelegateType([.. types, typeof(Task)]));
    }
}
