using CommandCenter.Web.Hosting;

return await CommandCenterHost.RunAsync(args);
