using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using XLLM.Cli.Hub;
using XLLM.Cli.Models;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm models list</c>.</summary>
internal static class ModelsListCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "as JSON" };
        Command command = new("list", "Names, sizes and places; each can be given to --model.") { json };
        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            HubCache cache = HubCache.FromEnvironment();
            ModelFolder folder = ModelFolder.FromEnvironment();
            IReadOnlyList<LocalModel> models = new LocalModels(cache, folder).List();
            if (parse.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    models.Select(m => new { m.Name, m.Bytes, m.Changed, m.Source, m.Path, m.IsWhole }),
                    JsonSerializerOptions.Web));
                return Task.FromResult(0);
            }

            Console.WriteLine($"{"NAME",-44} {"SIZE",10} {"CHANGED",-16} PLACE");
            Console.WriteLine($"{ModelLocator.Demo,-44} {"",10} {"",-16} bundled");
            foreach (LocalModel model in models)
            {
                string changed = model.Changed.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
                string place = model.Source + (model.IsWhole ? "" : ", not whole: pull again");
                Console.WriteLine($"{model.Name,-44} {Size(model.Bytes),10} {changed,-16} {place}");
            }

            Console.Error.WriteLine($"hub: {cache.Root}, folder: {folder.Root}");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB");
}
