using System.Text.Json;

namespace XLLM.Gateway.Tests.Harness;

internal static class HttpClientJson
{
    public static async Task<JsonElement> GetFromJsonElementAsync(this HttpClient client, string path)
    {
        string text = await client.GetStringAsync(path);
        return JsonDocument.Parse(text).RootElement.Clone();
    }
}
