using System.Text.Json;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Text;

/// <summary>How an effort of reasoning is told to a chat template.</summary>
internal static class EffortVariable
{
    private static readonly string[] Switches = ["enable_thinking", "thinking"];

    /// <summary>
    /// The template's own <c>reasoning_effort</c>; where it has none but a switch, thinking is off for <c>none</c> and <c>minimal</c> and
    /// on for all others.
    /// </summary>
    /// <param name="effort">What the request says.</param>
    /// <param name="path">Where it says it.</param>
    /// <param name="template">The template's source.</param>
    /// <exception cref="ApiException">The template knows neither.</exception>
    public static (string Name, JsonElement Value) Of(string effort, string path, string template)
    {
        if (template.Contains("reasoning_effort", StringComparison.Ordinal))
        {
            return ("reasoning_effort", JsonSerializer.SerializeToElement(effort));
        }

        string name = Switches.FirstOrDefault(s => template.Contains(s, StringComparison.Ordinal))
            ?? throw ApiException.Unsupported(path, $"'{path}' is not supported: the model's chat template does not take it.");
        return effort is "none" or "minimal" or "low" or "medium" or "high" or "xhigh"
            ? (name, JsonSerializer.SerializeToElement(effort is not ("none" or "minimal")))
            : throw ApiException.Invalid(path, $"'{path}' is '{effort}'; it must be one of none, minimal, low, medium, high, xhigh.");
    }
}
