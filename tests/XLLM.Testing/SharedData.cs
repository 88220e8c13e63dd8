namespace XLLM.Testing;

/// <summary>
/// Finds the repository, its demo model, and the folder of models and golden data beside it, which not every checkout has.
/// XLLM_SHARED names that folder; without it, <c>shared</c> is looked for beside the repository.
/// </summary>
public static class SharedData
{
    /// <summary>Root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The bundled demo model's folder.</summary>
    public static string DemoModel => Path.Combine(Repository, "models", "demo");

    /// <summary>The draft model for it.</summary>
    public static string DemoDraftModel => Path.Combine(Repository, "models", "demo-draft");

    /// <summary>The shared folder, or null.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>Full path of a shared file or folder, or null when it is not there.</summary>
    public static string? Find(params string[] parts)
    {
        if (Root is null)
        {
            return null;
        }

        string path = Path.Combine([Root, .. parts]);
        return Path.Exists(path) ? path : null;
    }

    /// <summary>Reason to skip a test that needs these files, the first missing one named; null when all are there.</summary>
    public static string? WhyAbsent(params string[] needed)
    {
        string? missing = needed.FirstOrDefault(path => Find(path.Split('/')) is null);
        return missing is null ? null : $"needs shared/{missing} (set XLLM_SHARED to the folder that has it)";
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "XLLM.Orleans.sln")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No XLLM.Orleans.sln above {AppContext.BaseDirectory}.");
    }

    private static string? FindRoot()
    {
        string? named = Environment.GetEnvironmentVariable("XLLM_SHARED");
        string root = string.IsNullOrEmpty(named) ? Path.Combine(Repository, "..", "shared") : named;
        return Directory.Exists(root) ? Path.GetFullPath(root) : null;
    }
}
