/** The look of files. */
import { adopt } from '../styles'
import css from './files.css?inline'
import '../views/icons'

adopt(css)
