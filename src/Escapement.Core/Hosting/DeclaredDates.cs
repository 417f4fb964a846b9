using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>The named sets of excluded dates declared by the program or read from the files of its settings.</summary>
sealed class DeclaredDates
{
    readonly Dictionary<string, Func<IServiceProvider, NamedDates>> sets = new(StringComparer.Ordinal);

    /// <summary>Reads an iCalendar file: the services, a name and a path. Null if no installed package supports
    /// files.</summary>
    public Func<IServiceProvider, string, string, NamedDates>? FileReader { get; set; }

    /// <summary>Declares a set.</summary>
    /// <exception cref="FormatException">The name is invalid.</exception>
    /// <exception cref="InvalidOperationException">The name is already declared.</exception>
    public void Add(string name, Func<IServiceProvider, NamedDates> read)
    {
        NamedDates.CheckName(name);
        if (!sets.TryAdd(name, read))
        {
            throw new InvalidOperationException($"The excluded dates '{name}' are declared twice. Give one of the two another name.");
        }
    }

    /// <summary>Reads the files, and adds the program's sets to the sets of the settings, which take
    /// precedence.</summary>
    /// <exception cref="SettingsException">A file is unreadable.</exception>
    public void AddTo(EscapementOptions options, IServiceProvider services)
    {
        var all = new Dictionary<string, NamedDates>(options.ExcludedDates, StringComparer.Ordinal);
        List<string> faults = [];
        foreach (var (name, path, key) in options.ExcludedDateFiles)
        {
            Gather(key, () => all[name] = FileReader?.Invoke(services, name, path) ?? throw new FormatException(
                $"the file '{path}' cannot be read by this program. Add the package Escapement, or give a list of days."));
        }

        foreach (var (name, read) in sets)
        {
            if (!all.ContainsKey(name) && !options.ExcludedDateFiles.Any(file => file.Name == name))
            {
                Gather($"The excluded dates '{name}'", () => all[name] = read(services));
            }
        }

        if (faults is not []) throw new SettingsException(faults);
        options.ExcludedDates = all;

        void Gather(string source, Action read)
        {
            try
            {
                read();
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                faults.Add($"{source}: {e.Message}");
            }
        }
    }
}
