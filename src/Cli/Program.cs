Console.Error.WriteLine("xllm: not wired yet");
return 1;
