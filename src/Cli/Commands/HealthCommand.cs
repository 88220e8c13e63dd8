using System.CommandLine;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm health URL</c>: for containers, whose images have no other HTTP client.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        Argument<string> url = new("URL") { Description = "e.g. http://127.0.0.1:8000/health/ready" };
        Command command = new("health", "Exit with 0 when a URL answers with success, else with 1.") { url };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(4) };
            string address = parse.GetValue(url)!;
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new ArgumentException($"'{address}' is not an HTTP URL.");
            }

            using HttpResponseMessage response = await http.GetAsync(uri, cancel);
            Console.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancel)}");
            return response.IsSuccessStatusCode ? 0 : 1;
        }));
        return command;
    }
}
