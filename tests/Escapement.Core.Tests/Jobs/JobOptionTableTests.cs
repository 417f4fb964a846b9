using System.Runtime.CompilerServices;
using System.Text.Json;
using Escapement.Core.Tests.Hosting;
using Escapement.Hosting;
using Escapement.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Escapement.Core.Tests.Jobs;

/// <summary>
/// Tests that every option of the table exists in the stored document,
/// the settings, the typed properties, the builder and the documentation.
/// </summary>
public class JobOptionTableTests
{
    static readonly DateTimeOffset Now = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A value for each option as JSON, different from the default. A new option needs a line here.</summary>
    static readonly Dictionary<string, string> Examples = new()
    {
        ["misfire_grace_time"] = "90",
        ["max_instances"] = "3",
        ["coalesce"] = "false",
        ["executor"] = "\"mail\"",
        ["rerun_if_interrupted"] = "true",
        ["description"] = "\"Sends the report 火\"",
        ["tags"] = "[\"mail\",\"7\"]",
        ["priority"] = "-5",
        ["key_lasts"] = "\"history\"",
        ["cancel_at_stop"] = "true",
        ["pause_after_failures"] = "3",
        ["history_days"] = "7",
        ["history_runs"] = "500",
        ["history_failed_days"] = "14",
    };

    public static TheoryData<string> Names => [.. JobOptionTable.All.Select(option => option.Name)];

    static JobOption Option(string name) => JobOptionTable.All.Single(option => option.Name == name);

    static JsonElement Json(string name) => JsonDocument.Parse(Examples[name]).RootElement;

    static object Value(string name) => Option(name).Form.Read(Json(name))!;

    /// <summary>Returns the name in C# and in a section of the settings, such as <c>MaxInstances</c>.</summary>
    static string Pascal(string name) => string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    static string Page(string name, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs", name));

    [Theory, MemberData(nameof(Names))]
    public void The_stored_document_keeps_it(string name)
    {
        var option = Option(name);
        var job = new Job
        {
            Id = JobId.Parse("a"),
            Name = "a",
            Handler = "a",
            Options = new JobPolicies().With(option, Value(name))
            .ApplyTo(new())
        };
        Assert.NotEqual(new(), job.Options);
        Assert.Equal(job.Options, JobDocument.Read(job.Id, JobDocument.Write(job)).Options);
        Assert.Contains(option.Form.StoredNames(name), stored =>
            JobDocument.Write(job).Contains($"\"{stored}\":", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_settings_declare_and_override_it(string name)
    {
        (string, string?) executors = ("SCHEDULER_EXECUTORS", """{"mail": {"type": "threadpool"}}""");
        Assert.True(JobFields.IsKnown(name));
        Assert.Equal(Value(name),
            Only(executors, ("SCHEDULER_JOBS", $$"""[{"id": "a", "func": "a", "{{name}}": {{Examples[name]}}}]""")).Options[Option(name)]);
        Assert.Equal(Value(name), Only(executors, ("SCHEDULER_JOBS", """[{"id": "a", "func": "a"}]"""),
            ($"Escapement:Jobs:a:{Pascal(name)}", Json(name).ToString())).Options[Option(name)]);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_defaults_of_all_jobs_set_it_or_say_that_they_cannot(string name)
    {
        (string, string?)[] defaults = [("SCHEDULER_EXECUTORS", """{"mail": {"type": "threadpool"}}"""),
            ("SCHEDULER_JOB_DEFAULTS", $$"""{"{{name}}": {{Examples[name]}}}""")];
        if (Option(name).InJobDefaults) Assert.Equal(Value(name), Configured.Read(defaults).JobDefaults[Option(name)]);
        else Assert.Contains("the defaults are", Configured.Fault(defaults), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_hash_of_a_declaration_covers_it(string name)
    {
        Assert.Equal("{}", new JobPolicies().Written());
        Assert.NotEqual("{}", new JobPolicies().With(Option(name), Value(name)).Written());
    }

    [Fact]
    public void Each_has_typed_properties_and_a_method_of_the_builder()
    {
        foreach (var type in (Type[])[typeof(JobOptions), typeof(JobPolicies)])
        {
            Assert.Equal(JobOptionTable.All.Count, type.GetProperties()
                .Count(property => property.GetIndexParameters() is [] && property.Name != "EqualityContract"));
        }

        var fields = typeof(JobOptionTable).GetFields().Where(field => field.FieldType == typeof(JobOption)).ToList();
        Assert.Equal(JobOptionTable.All, fields.Select(field => (JobOption)field.GetValue(null)!));
        Assert.All(fields, field => Assert.Contains(typeof(JobBuilder).GetMethods(), method => method.Name == field.Name));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_documentation_has_it(string name)
    {
        var option = Option(name);
        Assert.Contains($"| `{name}` | {option.Meaning} |\n", Page("settings.md"), StringComparison.Ordinal);
        Assert.Contains($"`{name}`", Page("rest.md"), StringComparison.Ordinal);
        var defaults = Page("settings.md").Split("\n\n")
            .Single(paragraph => paragraph.StartsWith("`JOB_DEFAULTS` may set", StringComparison.Ordinal));
        Assert.Equal(option.InJobDefaults, defaults.Contains($"`{name}`", StringComparison.Ordinal));
    }

    static Job Only(params (string, string?)[] settings)
    {
        using var provider = new ServiceCollection().AddSingleton(Configured.By([("SCHEDULER_TIMEZONE", "UTC"), .. settings]))
            .AddEscapementCore(scheduler => scheduler.Handler("a", () => { })).BuildServiceProvider();
        return Assert.Single(provider.GetRequiredService<JobDeclarations>().Build(Now).Jobs);
    }
}
