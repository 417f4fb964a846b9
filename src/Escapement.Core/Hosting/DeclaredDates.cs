using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>The named sets of days that the program declares, and those that its settings find in files.</summary>
sealed class DeclaredDates
{
    readonly Dictionary<string, Func<IServiceProvider, NamedDates>> sets = new(StringComparer.Ordinal);

    /// <summary>Reads an iCalendar file: the services, a name and a path. Null where no installed package can.</summary>
    public Func<IServiceProvider, string, string, NamedDates>? FileReader { get; set; }

    /// <summary>Declares a set.</summary>
    /// <exception cref="FormatException">The name is none.</exception>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public void Add(string name, Func<IServiceProvider, NamedDates> read)
    {
        NamedDates.CheckName(name);
        if (!sets.TryAdd(name, read))
        {
            throw new InvalidOperationException($"The excluded dates '{name}' are declared twice. Give one of the two another name.");
        }
    }

    /// <summary>Adds the program's sets to those of the settings, which go before, and reads the files.</summary>
    /// <exception cref="SettingsException">A file cannot be read.</exception>
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
