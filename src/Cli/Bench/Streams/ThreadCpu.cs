using System.Globalization;

namespace XLLM.Cli.Bench.Streams;

/// <summary>
/// Processor time of this process's threads, from Linux's <c>/proc/self/task</c>. A thread is counted under its name, which the
/// kernel cuts at 15 characters; time of threads that ended in between is lost.
/// </summary>
internal static class ThreadCpu
{
    // USER_HZ; 100 on every Linux that .NET runs on. schedstat is used instead where the kernel has it.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds each thread has run so far, with its name. Throws where there is no Linux /proc.</summary>
    public static Dictionary<int, (string Name, double Seconds)> Read()
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            throw new ArgumentException("Processor time of single threads needs Linux's /proc.");
        }

        Dictionary<int, (string, double)> threads = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd();
                threads[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = (name, Seconds(folder));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return threads;
    }

    /// <summary>Seconds by name between two readings.</summary>
    public static Dictionary<string, double> Between(
        Dictionary<int, (string Name, double Seconds)> before, Dictionary<int, (string Name, double Seconds)> after) =>
        after
            .Select(t => (t.Value.Name, Spent: t.Value.Seconds - (before.TryGetValue(t.Key, out var old) ? old.Seconds : 0)))
            .GroupBy(t => t.Name)
            .ToDictionary(g => g.Key, g => g.Sum(t => t.Spent));

    private static double Seconds(string folder)
    {
        string precise = Path.Combine(folder, "schedstat");
        if (File.Exists(precise))
        {
            return long.Parse(File.ReadAllText(precise).Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;
        }

        // The name stands in brackets and may have spaces: fields are counted from behind it.
        string stat = File.ReadAllText(Path.Combine(folder, "stat"));
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
