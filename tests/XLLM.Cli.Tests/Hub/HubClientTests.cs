using System.Text;
using XLLM.Cli.Hub;

namespace XLLM.Cli.Tests.Hub;

public sealed class HubClientTests
{
    private static readonly HubReference Model = HubReference.TryParse("owner/name")!;

    private static (string, byte[]) Text(string name) => (name, Encoding.UTF8.GetBytes($"{{ \"file\": \"{name}\" }}"));

    private static (string, byte[]) Weights(string name, int size = 100_000)
    {
        byte[] content = new byte[size];
        new Random(7).NextBytes(content);
        return (name, content);
    }

    [Fact]
    public async Task A_model_lands_in_the_cache_as_a_folder_of_links()
    {
        (string name, byte[] content) = Weights("model.safetensors");
        await using FakeHub hub = await FakeHub.StartAsync(Text("config.json"), Text("tokenizer.json"), Text("README.md"), (name, content));
        List<HubProgress> progress = [];

        string path = await hub.Client().GetAsync(Model, offline: false, new Recorder(progress), default);

        Assert.Equal(Path.Combine(hub.CacheFolder, "models--owner--name", "snapshots", FakeHub.Commit), path);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(path, name)));
        Assert.NotNull(File.ResolveLinkTarget(Path.Combine(path, name), false));
        Assert.False(File.Exists(Path.Combine(path, "README.md")));
        Assert.Contains(progress, p => p.File == name && p.Done == p.Total && p.Total == content.Length);
    }

    [Fact]
    public async Task A_second_call_downloads_nothing()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Text("config.json"), Weights("model.safetensors"));
        await hub.Client().GetAsync(Model, false, null, default);
        int requests = hub.FileRequests;

        await hub.Client().GetAsync(Model, false, null, default);

        Assert.Equal(requests, hub.FileRequests);
    }

    [Fact]
    public async Task A_broken_download_is_taken_up_where_it_ended()
    {
        (string name, byte[] content) = Weights("model.safetensors");
        await using FakeHub hub = await FakeHub.StartAsync(Text("config.json"), (name, content));
        hub.CutAfter = 60_000;
        HubException broken = await Assert.ThrowsAsync<HubException>(() => hub.Client().GetAsync(Model, false, null, default));
        Assert.Contains("again to go on", broken.Message);

        hub.CutAfter = null;
        string path = await hub.Client().GetAsync(Model, false, null, default);

        Assert.Equal(content, File.ReadAllBytes(Path.Combine(path, name)));
        Assert.StartsWith("bytes=", Assert.Single(hub.Ranges));
    }

    [Fact]
    public async Task A_damaged_file_is_refused_and_never_gets_its_name()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Text("config.json"), Weights("model.safetensors"));
        hub.Damage = true;

        HubException damaged = await Assert.ThrowsAsync<HubException>(() => hub.Client().GetAsync(Model, false, null, default));

        Assert.Contains("arrived damaged", damaged.Message);
        Assert.Empty(Directory.EnumerateFiles(hub.CacheFolder, "model.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Without_a_network_the_cached_copy_is_used()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Text("config.json"), Weights("model.safetensors"));
        string path = await hub.Client().GetAsync(Model, false, null, default);

        Assert.Equal(path, await hub.Client(new Uri("http://127.0.0.1:1/")).GetAsync(Model, false, null, default));
        Assert.Equal(path, await hub.Client().GetAsync(Model, offline: true, null, default));
    }

    [Fact]
    public async Task Without_a_network_and_a_cached_copy_the_error_says_what_would_help()
    {
        await using FakeHub hub = await FakeHub.StartAsync();

        HubException error = await Assert.ThrowsAsync<HubException>(
            () => hub.Client(new Uri("http://127.0.0.1:1/")).GetAsync(Model, false, null, default));

        Assert.Contains("Cannot reach http://127.0.0.1:1/", error.Message);
        Assert.Contains("HF_ENDPOINT", error.Message);
        Assert.Contains("path of a GGUF file", error.Message);
    }

    [Fact]
    public async Task An_unknown_repository_is_named()
    {
        await using FakeHub hub = await FakeHub.StartAsync();

        HubException error = await Assert.ThrowsAsync<HubException>(
            () => hub.Client().GetAsync(HubReference.TryParse("owner/absent")!, false, null, default));

        Assert.Contains("has no model owner/absent", error.Message);
    }

    [Fact]
    public async Task A_selector_chooses_one_gguf_file()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Weights("m-Q4_0.gguf", 64), Weights("m-Q8_0.gguf", 65));

        string path = await hub.Client().GetAsync(HubReference.TryParse("owner/name:q8_0")!, false, null, default);

        Assert.EndsWith("m-Q8_0.gguf", path);
        HubException several = await Assert.ThrowsAsync<HubException>(() => hub.Client().GetAsync(Model, false, null, default));
        Assert.Contains("m-Q4_0.gguf, m-Q8_0.gguf", several.Message);
    }

    [Fact]
    public async Task A_file_name_that_leaves_the_folder_is_refused()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Text("config.json"), Weights("../../model.safetensors"));

        HubException error = await Assert.ThrowsAsync<HubException>(() => hub.Client().GetAsync(Model, false, null, default));

        Assert.Contains("unsafe name", error.Message);
    }

    [Theory]
    [InlineData("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B", "main", null)]
    [InlineData("a/b@v1.2:Q4_K_M", "a/b", "v1.2", "Q4_K_M")]
    public void A_reference_has_repository_revision_and_selector(string text, string repository, string revision, string? selector)
    {
        Assert.Equal(new HubReference(repository, revision, selector), HubReference.TryParse(text));
    }

    [Theory]
    [InlineData("name")]
    [InlineData("../name")]
    [InlineData("a/b/c")]
    [InlineData("a/..")]
    [InlineData("a/b@../x")]
    public void What_is_no_reference_is_not_taken_for_one(string text) => Assert.Null(HubReference.TryParse(text));

    private sealed class Recorder(List<HubProgress> list) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => list.Add(value);
    }
}
