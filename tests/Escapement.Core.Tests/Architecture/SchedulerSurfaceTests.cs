using System.Reflection;
using Escapement.Ledger;
using Escapement.Stores;
using Xunit;

namespace Escapement.Core.Tests.Architecture;

/// <summary>
/// Tests of the public surface of <see cref="IScheduler"/>, read from the compiled assembly.
/// The surface consists of facts that another implementation, such as a client over HTTP, can supply as well.
/// </summary>
public class SchedulerSurfaceTests
{
    static readonly Type[] Rows = [typeof(StoredJob), typeof(Run), typeof(SchedulerState), typeof(PauseRecord), typeof(JobState)];

    [Fact]
    public void No_public_member_names_a_row_of_a_store() => Assert.Empty(RowsBelow(typeof(IScheduler)));

    [Theory]
    [InlineData(typeof(IJobStore), "IJobStore.Place: StorePlace")]
    [InlineData(typeof(RunPage), "RunPage.Runs: Run")]
    [InlineData(typeof(AnswerWithRow), "Inner.Rows: StoredJob")]
    [InlineData(typeof(AnswerWithRow), "Inner.Reports: KnownNode")]
    public void A_row_is_found_however_deep_it_stands(Type root, string found) => Assert.Contains(found, RowsBelow(root));

    /// <summary>
    /// Returns the public members with a row, of a type and of all Escapement types named by its members.
    /// </summary>
    static List<string> RowsBelow(Type root)
    {
        List<string> found = [];
        HashSet<Type> seen = [root];
        Queue<Type> open = new(seen);
        while (open.TryDequeue(out var type))
        {
            foreach (var (member, named) in Named(type))
            {
                if (named.Namespace == typeof(IJobStore).Namespace || Rows.Contains(named))
                {
                    found.Add($"{type.Name}.{member}: {named.Name}");
                }
                else if (IsOurs(named) && seen.Add(named))
                {
                    open.Enqueue(named);
                }
            }
        }

        return found;
    }

    static bool IsOurs(Type type) => type.Namespace?.StartsWith(nameof(Escapement), StringComparison.Ordinal) == true;

    static IEnumerable<(string Member, Type Named)> Named(Type type)
    {
        const BindingFlags flags = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;
        IEnumerable<(string, Type?)> named =
        [
            ("base", type.BaseType),
            .. type.GetInterfaces().Select(one => ("interface", (Type?)one)),
            .. type.GetProperties(flags).Select(one => (one.Name, (Type?)one.PropertyType)),
            .. type.GetFields(flags).Select(one => (one.Name, (Type?)one.FieldType)),
            .. type.GetEvents(flags).Select(one => (one.Name, one.EventHandlerType)),
            .. type.GetMethods(flags).Select(one => (one.Name, (Type?)one.ReturnType)),
            .. type.GetMethods(flags).Cast<MethodBase>().Concat(type.GetConstructors())
                .SelectMany(one => one.GetParameters().Select(parameter => (one.Name, (Type?)parameter.ParameterType))),
        ];
        return named.SelectMany(one => Parts(one.Item2).Select(part => (one.Item1, part)));
    }

    /// <summary>
    /// Returns the component types of a type, such as <c>Run</c> for <c>Task&lt;IReadOnlyList&lt;Run&gt;&gt;</c>.
    /// </summary>
    static IEnumerable<Type> Parts(Type? type) =>
        type is null ? []
        : type.HasElementType ? Parts(type.GetElementType())
        : type.IsGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];

    sealed record AnswerWithRow
    {
        public required Task<IReadOnlyList<Inner>> Deep { get; init; }

        public sealed record Inner
        {
            public required Dictionary<string, StoredJob[]> Rows { get; init; }

            public required Func<KnownNode?> Reports { get; init; }
        }
    }
}
