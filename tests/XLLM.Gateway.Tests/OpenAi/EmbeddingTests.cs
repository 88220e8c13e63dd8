using System.ClientModel;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using OpenAI;
using OpenAI.Embeddings;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Embeddings;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

public sealed class EmbeddingTests
{
    private const string Path = "/v1/embeddings";

    [Fact]
    public async Task Every_shape_of_input_gives_its_vectors_in_order()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement one = await host.AskAsync(Path, new { model = "toy", input = "abc" });
        Assert.Equal("list", one.GetProperty("object").GetString());
        Assert.Equal("toy", one.GetProperty("model").GetString());
        Same(Expected(256, 'a', 'b', 'c'), VectorOf(one, 0));
        Assert.Equal((4, 4), (one.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), one.GetProperty("usage").GetProperty("total_tokens").GetInt32()));

        JsonElement several = await host.AskAsync(Path, new { input = new[] { "a", "bb" } });
        Assert.Equal([0, 1], several.GetProperty("data").EnumerateArray().Select(d => d.GetProperty("index").GetInt32()));
        Assert.All(several.GetProperty("data").EnumerateArray(), d => Assert.Equal("embedding", d.GetProperty("object").GetString()));
        Same(Expected(256, 'b', 'b'), VectorOf(several, 1));

        JsonElement tokens = await host.AskAsync(Path, new { input = new[] { 5, 6, 7 } });
        Same(Expected(5, 6, 7), VectorOf(tokens, 0));
        Assert.Equal(1, tokens.GetProperty("data").GetArrayLength());

        JsonElement lists = await host.AskAsync(Path, new { input = new[] { new[] { 5 }, [6, 9] } });
        Same(Expected(6, 9), VectorOf(lists, 1));
        JsonElement bare = await host.AskAsync(Path, new { input = "abc", add_special_tokens = false });
        Same(Expected('a', 'b', 'c'), VectorOf(bare, 0));
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task Base64_is_the_same_values_as_little_endian_floats()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement text = await host.AskAsync(Path, new { input = "abc", encoding_format = "base64" });
        byte[] bytes = text.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Same(Expected(256, 'a', 'b', 'c'), MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }

    [Fact]
    public async Task Dimensions_cut_the_vector_which_then_has_length_1_again()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement cut = await host.AskAsync(Path, new { input = new[] { 3, 4 }, dimensions = 2 });
        float[] vector = VectorOf(cut, 0);
        Same(Vectors.Normalise([2, 4]), vector);
        Assert.Equal(1, vector.Sum(v => v * v), 1e-6);
        JsonElement raw = await host.AskAsync(Path, new { input = new[] { 3, 4 }, dimensions = 3, normalize = false });
        Same([2, 4, 7], VectorOf(raw, 0));
    }

    [Theory]
    [InlineData("""{"input":"a","dimensions":5}""", "dimensions")]
    [InlineData("""{"input":"a","dimensions":0}""", "dimensions")]
    [InlineData("""{"input":"a","dimensions":1.5}""", "dimensions")]
    [InlineData("""{"input":"a","encoding_format":"int8"}""", "encoding_format")]
    [InlineData("""{}""", "input")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":7}""", "input")]
    [InlineData("""{"input":["a",7]}""", "input[1]")]
    [InlineData("""{"input":[["a"]]}""", "input[0][0]")]
    [InlineData("""{"input":[300]}""", "input")]
    [InlineData("""{"input":[[1],[]]}""", "input[1]")]
    [InlineData("""{"input":"","add_special_tokens":false}""", "input")]
    [InlineData("""{"input":"a","truncate_prompt_tokens":5}""", "truncate_prompt_tokens")]
    [InlineData("""{"input":"a","user":7}""", "user")]
    [InlineData("""{"input":"a","cache_salt":""}""", "cache_salt")]
    public async Task What_is_wrong_is_refused_with_its_path(string body, string param)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(Path, body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal(0, host.Backend.Submits);
    }

    [Fact]
    public async Task A_text_as_long_as_the_context_fits_and_a_longer_one_does_not()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        int[] full = [.. Enumerable.Repeat(1, ToyFleet.ContextLength)];
        await host.AskAsync(Path, new { input = full });
        using HttpResponseMessage response = await host.PostAsync(Path, JsonSerializer.Serialize(new { input = full.Append(1) }));
        Assert.Contains("context_length_exceeded", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Many_inputs_go_in_groups_and_too_many_are_refused()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.MaxEmbeddingInputs = 200);
        int[][] inputs = [.. Enumerable.Range(1, 200).Select(i => new[] { i, 7 })];
        JsonElement answer = await host.AskAsync(Path, new { input = inputs });
        for (int i = 0; i < 200; i++)
        {
            Same(Expected(i + 1, 7), VectorOf(answer, i));
        }

        Assert.Equal(400, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        using HttpResponseMessage response = await host.PostAsync(Path, JsonSerializer.Serialize(new { input = inputs.Append([1]) }));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task Only_embeddings_of_the_last_token_may_use_the_prefix_cache_and_nothing_is_generated()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        int[] input = [.. Enumerable.Repeat(9, 40)];
        await host.AskAsync(Path, new { input });
        InferenceRequest last = (await host.Backend.NextAsync()).Request;
        Assert.Equal((PoolingKind.Last, 2, 1), (last.Pooling, last.BlockHashes.Length, last.Stop.MaxTokens));
        Change(host, card => card with { Pooling = PoolingKind.Mean });
        await host.AskAsync(Path, new { input });
        InferenceRequest mean = (await host.Backend.NextAsync()).Request;
        Assert.Equal((PoolingKind.Mean, 0), (mean.Pooling, mean.BlockHashes.Length));
    }

    [Theory]
    [InlineData(0, PoolingKind.Last)]
    [InlineData(4, PoolingKind.None)]
    public async Task A_model_without_embeddings_is_refused(int size, PoolingKind pooling)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        Change(host, card => card with { EmbeddingSize = size, Pooling = pooling });
        using HttpResponseMessage response = await host.PostAsync(Path, """{"input":"a"}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("gives no embeddings", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_end_without_a_vector_is_an_engines_fault()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Finish(RequestOutcome.CompletedStop);
        using HttpResponseMessage response = await host.PostAsync(Path, """{"input":"a"}""");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("engine_failed", await response.Content.ReadAsStringAsync());
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task The_official_SDK_reads_them()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        EmbeddingClient client = new OpenAIClient(
            new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(host.Address, "/v1") }).GetEmbeddingClient("toy");
        OpenAIEmbedding one = await client.GenerateEmbeddingAsync("abc");
        Same(Expected(256, 'a', 'b', 'c'), one.ToFloats().ToArray());
        OpenAIEmbeddingCollection two = await client.GenerateEmbeddingsAsync(["a", "bb"], new EmbeddingGenerationOptions { Dimensions = 3 });
        Assert.Equal((2, 3, 5), (two.Count, two[1].ToFloats().Length, two.Usage.InputTokenCount));
        OpenAIEmbeddingCollection tokens = await client.GenerateEmbeddingsAsync([new ReadOnlyMemory<int>([5, 6])]);
        Same(Expected(5, 6), tokens[0].ToFloats().ToArray());
    }

    [Fact]
    public async Task Rerank_orders_documents_by_the_cosine_with_the_query()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        string[] documents = ["zzzz", "ab", "a"];
        JsonElement answer = await host.AskAsync("/v1/rerank", new { model = "toy", query = "a", documents });
        float[] query = Expected(256, 'a');
        double[] scores = [.. documents.Select(d => Vectors.Cosine(query, Expected([256, .. d.Select(c => (int)c)])))];
        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal(3, results.Length);
        Assert.Equal(2, results[0].GetProperty("index").GetInt32());
        Assert.Equal(1, results[0].GetProperty("relevance_score").GetDouble(), 1e-6);
        Assert.All(results, r =>
        {
            int index = r.GetProperty("index").GetInt32();
            Assert.Equal(documents[index], r.GetProperty("document").GetProperty("text").GetString());
            Assert.Equal(scores[index], r.GetProperty("relevance_score").GetDouble(), 1e-6);
        });
        Assert.Equal(results.Select(r => r.GetProperty("relevance_score").GetDouble()).OrderDescending(), results.Select(r => r.GetProperty("relevance_score").GetDouble()));
        Assert.Equal(12, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());

        JsonElement best = await host.AskAsync(
            "/rerank", new { query = "a", documents = new object[] { "zz", new { text = "a" } }, top_n = 1, return_documents = false });
        JsonElement only = Assert.Single(best.GetProperty("results").EnumerateArray());
        Assert.Equal(1, only.GetProperty("index").GetInt32());
        Assert.False(only.TryGetProperty("document", out _));
    }

    [Theory]
    [InlineData("""{"query":"a"}""", "documents")]
    [InlineData("""{"documents":["a"]}""", "query")]
    [InlineData("""{"query":"a","documents":[]}""", "documents")]
    [InlineData("""{"query":"a","documents":["x",5]}""", "documents[1]")]
    [InlineData("""{"query":"a","documents":[{"txt":"a"}]}""", "documents[0].text")]
    [InlineData("""{"query":5,"documents":["a"]}""", "query")]
    [InlineData("""{"query":"a","documents":["a"],"top_n":-1}""", "top_n")]
    public async Task A_wrong_rerank_is_refused_with_its_path(string body, string param)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync("/v1/rerank", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            param,
            JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    private static void Change(GatewayHost host, Func<ModelCard, ModelCard> change)
    {
        InstanceStatus status = host.Fleet.Snapshot.Instances[0];
        InstanceStatus changed = status with { Descriptor = status.Descriptor with { Model = change(status.Descriptor.Model) } };
        host.Fleet.Snapshot = host.Fleet.Snapshot with { Instances = [changed] };
    }

    private static float[] Expected(params int[] tokens) => Vectors.Normalise(ScriptedRun.EmbeddingOf(tokens));

    private static float[] VectorOf(JsonElement answer, int index) =>
        [.. answer.GetProperty("data")[index].GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle())];

    private static void Same(float[] expected, float[] found) => Assert.Equal(expected, found);
}
