using System.Net;
using System.Net.Sockets;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Hostile;

/// <summary>The gateway opens no address that a request names (server-side request forgery).</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"URL"}}]}]}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"URL"}}]}]}""")]
    [InlineData("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_image","image_url":"URL"}]}]}""")]
    [InlineData("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_file","file_url":"URL"}]}]}""")]
    [InlineData("/v1/responses", """{"input":"Hi","tools":[{"type":"mcp","server_label":"a","server_url":"URL"}]}""")]
    [InlineData("/v1/messages", """{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"URL"}}]}]}""")]
    [InlineData("/v1/messages", """{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"URL"}}]}]}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}],"guided_json":{"$ref":"URL"}}""")]
    public async Task An_address_in_a_request_is_refused_and_never_opened(string path, string body)
    {
        using TcpListener bait = new(IPAddress.Loopback, 0);
        bait.Start();
        await using GatewayHost host = await GatewayHost.StartAsync();
        string json = "{\"model\":\"toy\"," + body[1..].Replace("URL", $"http://{bait.LocalEndpoint}/secret", StringComparison.Ordinal);
        using HttpResponseMessage response = await host.PostAsync(path, json);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, answer);
        Assert.False(bait.Pending(), "the gateway opened the address");
        host.AssertNothingLeft();
    }
}
