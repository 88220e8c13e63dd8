using System.Text.Json;
using System.Xml.Linq;
using XLLM.Cli.Bench.Limits;
using XLLM.Cli.Bench.Points;
using XLLM.Cli.Bench.Reports;

namespace XLLM.Cli.Tests.Bench;

public sealed class ReportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("xllm-report-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_best_peer_is_the_one_with_the_greatest_median()
    {
        PointResult result = Report().Results[0];
        Assert.Equal("ik", result.BestPeer);
        Assert.Equal(50, result.Peer);
        Assert.Equal(2, result.Ratio);
        Assert.Equal(0.5, result.LimitFraction);
    }

    [Fact]
    public void Json_has_an_object_for_every_point_with_every_peer_and_null_for_what_is_not_there()
    {
        using JsonDocument json = JsonDocument.Parse(ReportJson.Of(Report()));
        JsonElement decode = json.RootElement.GetProperty("results")[0];
        Assert.Equal("decode", decode.GetProperty("name").GetString());
        Assert.Equal(16, decode.GetProperty("streams").GetInt32());
        Assert.Equal(128, decode.GetProperty("context").GetInt32());
        Assert.Equal(100, decode.GetProperty("ours").GetDouble());
        Assert.Equal(50, decode.GetProperty("peer").GetDouble());
        Assert.Equal(2, decode.GetProperty("ratio").GetDouble());
        Assert.Equal(0.5, decode.GetProperty("limit_fraction").GetDouble());
        Assert.Equal(40, decode.GetProperty("peers").GetProperty("llama.cpp").GetProperty("median").GetDouble());
        Assert.Equal(3, decode.GetProperty("peers").GetProperty("llama.cpp").GetProperty("rounds").GetArrayLength());

        JsonElement mixed = json.RootElement.GetProperty("results")[1];
        Assert.Equal(JsonValueKind.Null, mixed.GetProperty("peer").ValueKind);
        Assert.Equal(JsonValueKind.Null, mixed.GetProperty("ratio").ValueKind);
        Assert.Equal(JsonValueKind.Null, mixed.GetProperty("peers").GetProperty("ik").ValueKind);
        Assert.Equal("abc", json.RootElement.GetProperty("commit").GetString());
        Assert.Equal(22.5e9, json.RootElement.GetProperty("limits").GetProperty("read_bytes_per_second").GetDouble());
    }

    [Fact]
    public void The_table_has_a_row_for_every_point_and_says_when_rounds_are_missing()
    {
        string[] lines = ReportTable.Plain(Report()).TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^point +streams +context +xllm tokens/s +llama\.cpp tokens/s +ik tokens/s +ratio +of the limit$", lines[0]);
        Assert.Matches(@"^decode +16 +128 +100\.0 \(±10 %\) +40\.0 \(±0 %\) +50\.0 \(±0 %, 1 of 3\) +2\.00 +50 %$", lines[1]);
        Assert.Matches(@"^mixed +16 +512 +1000\.0 \(±0 %\) +- +- +- +80 %$", lines[2]);
        string[] markdown = ReportTable.Markdown(Report()).TrimEnd().Split('\n');
        Assert.Equal(4, markdown.Length);
        Assert.All(markdown, l => Assert.Equal(9, l.Count(c => c == '|')));
    }

    [Fact]
    public void The_chart_is_well_formed_and_has_a_bar_for_every_measured_side()
    {
        BenchReport report = Report() with { Model = "a<b>&\"c\"" };
        XDocument svg = XDocument.Parse(ReportChart.Of(report));
        XNamespace ns = "http://www.w3.org/2000/svg";
        double height = double.Parse(svg.Root!.Attribute("height")!.Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(svg.Descendants(ns + "text"), t => t.Value.StartsWith("a<b>&\"c\"", StringComparison.Ordinal));
        Assert.Equal(2, svg.Descendants(ns + "text").Count(t => t.Value == "not measured"));
        // The page, three colours of the legend, four bars.
        Assert.Equal(8, svg.Descendants(ns + "rect").Count());
        Assert.Contains(svg.Descendants(ns + "text"), t => t.Value == "100  (2.00x)");
        Assert.All(svg.Descendants(ns + "text"), t => Assert.InRange(
            double.Parse(t.Attribute("y")!.Value, System.Globalization.CultureInfo.InvariantCulture), 0, height));
    }

    [Fact]
    public async Task Files_are_named_by_day_and_commit()
    {
        string markdown = await ReportFiles.WriteAsync(Report(), _folder.FullName, default);
        Assert.Equal(Path.Combine(_folder.FullName, "2026-11-22-abc.md"), markdown);
        Assert.Equal(
            ["2026-11-22-abc.json", "2026-11-22-abc.md", "2026-11-22-abc.svg"], _folder.GetFiles().Select(f => f.Name).Order());
        Assert.Contains("](2026-11-22-abc.svg)", await File.ReadAllTextAsync(markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_is_described_by_its_cpu_and_the_flags_that_choose_kernels()
    {
        MachineDescription machine = MachineDescription.Parse(
            "processor : 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu avx2 fma avx512_vnni sse\n", 2, 25.3, "Linux, X64");
        Assert.Equal("Some CPU @ 2 GHz, 2 cores, 25 GB, avx2 fma avx512_vnni, Linux, X64", machine.ToString());
        Assert.Equal("unknown CPU", MachineDescription.Parse("", 1, 1, "").Cpu);
    }

    [Theory]
    [InlineData("--points", "nonsense")]
    [InlineData("--rounds", "0")]
    [InlineData("--peer-seconds", "0")]
    [InlineData("--probe-seconds", "0")]
    [InlineData("--peer", "no/such/folder")]
    public async Task A_wrong_option_ends_with_status_1(params string[] options) =>
        Assert.Equal(1, await XLLM.Cli.Commands.BenchEngineCommand.Create().Parse(options).InvokeAsync());

    private static BenchReport Report() => new(
        "SmolLM2",
        "abc",
        new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
        new MachineDescription("Some CPU", 2, "avx2", 16, "Linux"),
        new MachineLimits(22.5e9, 1e12, 3e11),
        new Dictionary<string, string> { ["xllm"] = "cpu", ["llama.cpp"] = "npm", ["ik"] = "build" },
        [
            new PointResult(
                new BenchPoint(PointKind.Decode, 16, 128),
                Rates(100, 90, 110),
                new Dictionary<string, Samples?> { ["llama.cpp"] = Rates(40, 40, 40), ["ik"] = Rates(50) },
                200),
            new PointResult(
                new BenchPoint(PointKind.Mixed, 16, 512),
                Rates(1000, 1000, 1000),
                new Dictionary<string, Samples?> { ["llama.cpp"] = new Samples(), ["ik"] = null },
                1250),
        ],
        ["a note"]) { Device = "cpu", Rounds = 3 };

    private static Samples Rates(params double[] rates)
    {
        Samples samples = new();
        foreach (double rate in rates)
        {
            samples.Add(rate);
        }

        return samples;
    }
}
