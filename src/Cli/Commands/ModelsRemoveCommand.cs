using System.CommandLine;
using XLLM.Cli.Hub;
using XLLM.Cli.Models;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm models remove</c>: asks before it deletes.</summary>
internal static class ModelsRemoveCommand
{
    public static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "as xllm models list shows it" };
        Option<bool> yes = new("--yes", "-y") { Description = "do not ask" };
        Command command = new("remove", "Delete a model's files.") { name, yes };
        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            string wanted = parse.GetValue(name)!;
            LocalModel model = new LocalModels(HubCache.FromEnvironment(), ModelFolder.FromEnvironment()).Find(wanted)
                ?? throw new ArgumentException($"There is no model '{wanted}' to remove; xllm models list shows what there is.");
            if (!parse.GetValue(yes) && !Confirm($"Delete {model.Name} ({model.Bytes:N0} bytes at {model.Path})? [y/N] "))
            {
                Console.Error.WriteLine("Nothing is deleted.");
                return Task.FromResult(1);
            }

            LocalModels.Remove(model);
            Console.WriteLine($"{model.Name} is removed.");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static bool Confirm(string question)
    {
        if (Console.IsInputRedirected)
        {
            throw new ArgumentException("There is nobody to ask; say --yes.");
        }

        Console.Error.Write(question);
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
