using XLLM.Cli.Hosting;
using XLLM.Contracts.Configuration;
using XLLM.Engine.Speculation;

namespace XLLM.Cli.Tests.Hosting;

public sealed class SettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Flags_win_over_the_file_and_the_file_over_defaults()
    {
        File.WriteAllText(_file, """{ "Server": { "Port": 9001 }, "Gateway": { "MaxChoices": 7 }, "Silo": { "Name": "here" } }""");

        Settings settings = Settings.Read(new ServeSettings { ConfigFile = _file, Port = 9002, Model = "/a/model" });

        Assert.Equal(9002, settings.Server.Port);
        Assert.Equal(7, settings.Gateway.MaxChoices);
        Assert.Equal("here", settings.Silo.Name);
        Assert.Equal("/a/model", Assert.Single(settings.Silo.Engines).Model);
    }

    [Fact]
    public void Everything_wrong_is_said_at_once()
    {
        File.WriteAllText(_file, """
            { "Server": { "Port": 70000, "Prot": 1 }, "Gateway": { "MaxChoices": 0 }, "Attic": { "X": 1 },
              "Silo": { "DrainTimeout": "soon" } }
            """);

        OptionsException error = Assert.Throws<OptionsException>(
            () => Settings.Read(new ServeSettings { ConfigFile = _file, Threads = -1, Model = "/a/model" }));

        foreach (string part in new[] { "Server:Port", "Server:Prot: unknown key", "Gateway:MaxChoices", "Attic: unknown section", "Silo:DrainTimeout" })
        {
            Assert.Contains(part, error.Message);
        }
    }

    [Fact]
    public void Speculation_is_set_by_flags_and_checked()
    {
        Settings settings = Settings.Read(new ServeSettings { Model = "/a/model", Speculate = "draft", DraftModel = "/a/draft" });
        Assert.Equal(SpeculationMethod.Draft, settings.Silo.Engines[0].Speculation.Method);
        Assert.Equal("/a/draft", settings.Silo.Engines[0].Speculation.DraftModel);

        Assert.Contains("not one of", Refusal(new ServeSettings { Model = "/a/model", Speculate = "guess" }));
        Assert.Contains("DraftModel is empty", Refusal(new ServeSettings { Model = "/a/model", Speculate = "draft" }));
        Assert.Contains("it must be Draft", Refusal(new ServeSettings { Model = "/a/model", Speculate = "suffix", DraftModel = "/x" }));
        File.WriteAllText(_file, """{ "Silo": { "Engines": [{ "Model": "/m", "Speculation": { "MaxDraftTokens": 65, "Depth": 1 } }] } }""");
        string error = Refusal(new ServeSettings { ConfigFile = _file });
        Assert.Contains("MaxDraftTokens is 65", error);
        Assert.Contains("Speculation:Depth: unknown key", error);

        static string Refusal(ServeSettings flags) => Assert.Throws<OptionsException>(() => Settings.Read(flags)).Message;
    }

    [Fact]
    public void A_file_that_is_not_json_is_named()
    {
        File.WriteAllText(_file, "{ not json");

        Assert.Contains(
            Path.GetFileName(_file),
            Assert.Throws<OptionsException>(() => Settings.Read(new ServeSettings { ConfigFile = _file })).Message);
    }
}
