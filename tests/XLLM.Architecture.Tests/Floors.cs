namespace XLLM.Architecture.Tests;

/// <summary>
/// The import table of docs/architecture.md: which project may reference which. A project not listed here is an error too, so a
/// new room has to be given its floor.
/// </summary>
internal static class Floors
{
    public static IReadOnlyDictionary<string, string[]> MayImport { get; } = new Dictionary<string, string[]>
    {
        ["Contracts"] = [],
        ["Formats"] = [],
        ["Grammar"] = ["Contracts"],
        ["Scheduling"] = ["Contracts"],
        ["Simulator"] = ["Contracts", "Scheduling"],
        ["Text"] = ["Contracts", "Formats"],
        ["Engine"] = ["Contracts", "Formats", "Grammar", "Scheduling"],
        ["Grains"] = ["Contracts", "Scheduling"],
        ["Gateway"] = ["Contracts", "Formats", "Grammar", "Scheduling", "Text"],
        ["Silo"] = ["Contracts", "Formats", "Grammar", "Scheduling", "Text", "Engine", "Grains"],
        ["Verification"] = ["Contracts", "Formats", "Grammar", "Text", "Engine"],
        ["Cli"] = ["Contracts", "Formats", "Grammar", "Scheduling", "Text", "Engine", "Grains", "Gateway", "Silo", "Verification", "Simulator"],
    };

    /// <summary>Projects that must run without Orleans, ASP.NET and any package.</summary>
    public static IReadOnlyList<string> Pure { get; } = ["Formats", "Grammar", "Scheduling", "Simulator", "Text"];

    /// <summary>One line for each import that breaks the table.</summary>
    public static IReadOnlyList<string> Violations(ProjectGraph graph)
    {
        List<string> faults = [];
        foreach (string project in graph.Projects.Order())
        {
            if (!MayImport.TryGetValue(project, out string[]? allowed))
            {
                faults.Add($"{project} has no floor: add it to Floors and docs/architecture.md");
                continue;
            }

            faults.AddRange(graph.References(project).Except(allowed).Select(r => $"{project} must not import {r}"));
            if (Pure.Contains(project))
            {
                faults.AddRange(graph.Packages(project).Select(p => $"{project} must not use {p}"));
                if (graph.OrleansUse(project).Length > 0)
                {
                    faults.Add($"{project} must not use Orleans");
                }
            }
        }

        return faults;
    }
}
