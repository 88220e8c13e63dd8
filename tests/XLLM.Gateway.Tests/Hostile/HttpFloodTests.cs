using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Hostile;

/// <summary>Requests that are too deep, too many or too large are refused before anything is made of them.</summary>
public sealed class HttpFloodTests
{
    private const string Path = "/v1/completions";

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public async Task Deep_JSON_is_refused_at_any_depth(string open, string close)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        foreach (int depth in (int[])[65, 1_000, 100_000])
        {
            string deep = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
            using HttpResponseMessage response = await host.PostAsync(Path, "{\"prompt\":\"a\",\"metadata\":" + deep + "}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        Assert.Equal(0, host.Backend.Submits);
    }

    [Theory]
    [InlineData("\"n\":1000000000")]
    [InlineData("\"n\":129")]
    [InlineData("\"best_of\":1000000000")]
    [InlineData("\"n\":1e9")]
    [InlineData("\"logprobs\":1000000000")]
    [InlineData("\"max_tokens\":999999999999")]
    public async Task Huge_counts_are_refused_before_anything_is_made_for_them(string field)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(Path, $"{{\"prompt\":\"a\",{field}}}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, host.Backend.Submits);
    }

    [Fact]
    public async Task Many_prompts_times_many_choices_are_refused()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        string prompts = string.Join(',', Enumerable.Repeat("\"a\"", 100));
        using HttpResponseMessage response = await host.PostAsync(Path, $"{{\"prompt\":[{prompts}],\"n\":100}}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, host.Backend.Submits);
    }

    [Theory]
    [InlineData(500, 10)]
    [InlineData(1, 100_000)]
    public async Task A_flood_of_headers_is_refused_and_the_gateway_goes_on(int count, int length)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = Json("""{"prompt":"a"}""") };
        for (int i = 0; i < count; i++)
        {
            request.Headers.Add($"x-flood-{i}", new string('a', length));
        }

        // The server may close before all is sent.
        HttpStatusCode? status = null;
        try
        {
            using HttpResponseMessage response = await host.Client.SendAsync(request);
            status = response.StatusCode;
        }
        catch (HttpRequestException)
        {
        }

        Assert.True(status is null or HttpStatusCode.RequestHeaderFieldsTooLarge or HttpStatusCode.BadRequest, status.ToString());
        Assert.Equal(0, host.Backend.Submits);
        await host.AskAsync(Path, new { prompt = "a" });
    }

    [Fact]
    public async Task A_compressed_body_is_never_unpacked()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[16 << 20]);
        }

        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage response = await host.Client.PostAsync(Path, content);
        Assert.InRange((int)response.StatusCode, 400, 499);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
