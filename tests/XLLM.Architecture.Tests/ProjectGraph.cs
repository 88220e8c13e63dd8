using System.Xml.Linq;

namespace XLLM.Architecture.Tests;

/// <summary>What each project file under src/ references, read from the files themselves.</summary>
internal sealed class ProjectGraph
{
    private readonly Dictionary<string, string[]> _references = [];
    private readonly Dictionary<string, string[]> _packages = [];
    private readonly Dictionary<string, string> _orleans = [];

    public IEnumerable<string> Projects => _references.Keys;

    public IReadOnlyList<string> References(string project) => _references[project];

    public IReadOnlyList<string> Packages(string project) => _packages[project];

    /// <summary>Value of OrleansUse, empty when the project does not use Orleans.</summary>
    public string OrleansUse(string project) => _orleans[project];

    public static ProjectGraph Read(string sourceFolder)
    {
        ProjectGraph graph = new();
        foreach (string file in Directory.EnumerateFiles(sourceFolder, "*.csproj", SearchOption.AllDirectories))
        {
            XDocument xml = XDocument.Load(file);
            string name = Path.GetFileName(Path.GetDirectoryName(file))!;
            graph._references[name] = [.. xml.Descendants("ProjectReference")
                .Select(e => Path.GetFileName(Path.GetDirectoryName(e.Attribute("Include")!.Value))!)];
            graph._packages[name] = [.. xml.Descendants("PackageReference").Concat(xml.Descendants("FrameworkReference"))
                .Select(e => e.Attribute("Include")!.Value)];
            graph._orleans[name] = xml.Descendants("OrleansUse").FirstOrDefault()?.Value ?? "";
        }

        return graph;
    }
}
