using System.Globalization;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.OpenAi;

/// <summary>How much a page may have: <c>?limit=</c>.</summary>
internal static class QueryLimit
{
    /// <summary>From 1 to <paramref name="most"/>; <paramref name="otherwise"/> when it is not said. Else an error of the request.</summary>
    public static int Of(IQueryCollection query, int otherwise, int most)
    {
        string text = query["limit"].ToString();
        if (text.Length == 0)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit >= 1 && limit <= most
            ? limit
            : throw ApiException.Invalid("limit", $"'limit' must be a whole number from 1 to {most}.");
    }
}
