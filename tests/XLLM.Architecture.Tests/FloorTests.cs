using System.Text.RegularExpressions;
using XLLM.Testing;

namespace XLLM.Architecture.Tests;

public sealed partial class FloorTests
{
    private static readonly string Source = Path.Combine(SharedData.Repository, "src");

    [Fact]
    public void Projects_import_downwards_only() => Assert.Empty(Floors.Violations(ProjectGraph.Read(Source)));

    [Fact]
    public void Every_floor_of_the_table_exists()
    {
        Assert.Equal(Floors.MayImport.Keys.Order(), ProjectGraph.Read(Source).Projects.Order());
    }

    [Fact]
    public void A_violated_floor_is_found()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("xllm-floors-");
        try
        {
            Write(folder, "Scheduling", "<ProjectReference Include=\"../Engine/XLLM.Engine.csproj\" />");
            Write(folder, "Text", "<PackageReference Include=\"Serilog\" />");
            Write(folder, "Attic", "");

            Assert.Equal(
                [
                    "Attic has no floor: add it to Floors and docs/architecture.md",
                    "Scheduling must not import Engine",
                    "Text must not use Serilog",
                ],
                Floors.Violations(ProjectGraph.Read(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_source_has_no_conditional_compilation()
    {
        Assert.Empty(SourceFiles().Where(f => File.ReadLines(f).Any(l => l.TrimStart().StartsWith("#if", StringComparison.Ordinal)))
            .Select(Relative));
    }

    [Fact]
    public void The_source_names_no_room_it_may_not_import()
    {
        // The compiler sees references; this sees names that come in through a transitive reference.
        List<string> faults = [];
        foreach (string file in SourceFiles())
        {
            string project = Relative(file).Split('/')[1];
            HashSet<string> allowed = [project, .. Floors.MayImport[project]];
            faults.AddRange(
                from line in File.ReadLines(file)
                let match = UsingRoom().Match(line)
                where match.Success && Floors.MayImport.ContainsKey(match.Groups[1].Value) && !allowed.Contains(match.Groups[1].Value)
                select $"{Relative(file)}: {line.Trim()}");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Pure_rooms_take_time_and_chance_from_outside()
    {
        string[] rooms = [.. new[] { "Scheduling", "Simulator" }.Select(r => Path.Combine(Source, r) + Path.DirectorySeparatorChar)];
        Assert.Empty(
            from file in SourceFiles()
            where rooms.Any(r => file.StartsWith(r, StringComparison.Ordinal))
            from line in File.ReadLines(file)
            where ClockOrChance().IsMatch(line) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            select $"{Relative(file)}: {line.Trim()}");
    }

    private static void Write(DirectoryInfo folder, string project, string item) => File.WriteAllText(
        Path.Combine(folder.CreateSubdirectory(project).FullName, $"XLLM.{project}.csproj"),
        $"<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{item}</ItemGroup></Project>");

    private static IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(SharedData.Repository, file);

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?XLLM\.(\w+)")]
    private static partial Regex UsingRoom();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bStopwatch\b|\bRandom\.Shared\b|\bnew Random\(\)|\bEnvironment\.TickCount|\bThread\b|\bGuid\.NewGuid\b")]
    private static partial Regex ClockOrChance();
}
