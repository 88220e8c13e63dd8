namespace XLLM.Gateway.Responses;

/// <summary>Ids that nobody can guess.</summary>
internal static class ResponseIds
{
    public static string New(string prefix) => prefix + Guid.NewGuid().ToString("N");
}
