Console.WriteLine("city simulator");
