import { Command } from 'commander';
import type { Session } from '../session.js';
import { assessModelCommand } from './models-assess.js';
import { activateModelCommand, rollBackCommand } from './models-activate.js';
import { deleteModelCommand } from './models-delete.js';
import { importModelCommand } from './models-import.js';
import { listModelsCommand } from './models-list.js';
import { shadowCommand } from './models-shadow.js';
import { showModelCommand } from './models-show.js';

const EXAMPLES = `
Examples:
  symface models list
  symface models import backbone.onnx --preset arcface --dimension 128 --license MIT
  symface models assess mobilefacenet-0123456789ab
  symface models activate mobilefacenet-0123456789ab
  symface models roll-back`;

export function modelsCommand(session: Session): Command {
  return new Command('models')
    .description('the models that the server knows')
    .addCommand(listModelsCommand(session))
    .addCommand(showModelCommand(session))
    .addCommand(importModelCommand(session))
    .addCommand(deleteModelCommand(session))
    .addCommand(assessModelCommand(session))
    .addCommand(shadowCommand(session))
    .addCommand(activateModelCommand(session))
    .addCommand(rollBackCommand(session))
    .addHelpText('after', EXAMPLES);
}
